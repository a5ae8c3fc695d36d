package ledger
import ("github.com/mailctl/mailctl/pkg/send";"testing";"time";"os";"strings";"fmt";"strconv";"runtime")
func hwm() string {
	b,_ := os.ReadFile("/proc/self/status")
	var o []string
	for l := range strings.Lines(string(b)) { if strings.HasPrefix(l,"VmHWM")||strings.HasPrefix(l,"VmRSS") { o=append(o,strings.Join(strings.Fields(l)," ")) } }
	return strings.Join(o," ")
}
func TestZZMem(t *testing.T) {
	rows, _ := strconv.Atoi(os.Getenv("ZZROWS"))
	dests, _ := strconv.Atoi(os.Getenv("ZZDEST"))
	if rows == 0 { t.Skip() }
	dir := t.TempDir()
	t.Log("start", hwm())
	l, err := Open(t.Context(), dir, Options{BootID: "x"})
	check(t, err)
	c, err := l.Begin(t.Context(), spec("a"))
	check(t, err)
	t.Log("open", hwm())
	s := time.Now()
	check(t, c.Load(t.Context(), benchList(rows, dests)))
	t.Log("load", time.Since(s)/time.Duration(rows), hwm())
	s = time.Now()
	check(t, c.Ready(t.Context()))
	keys, err := c.Destinations(t.Context())
	check(t, err)
	t.Log("destinations", len(keys), time.Since(s), hwm())
	s = time.Now()
	var maxwal int64
	n := 0
	for _, k := range keys {
		for {
			batch, err := c.Claim(t.Context(), k, 500)
			check(t, err)
			if len(batch) == 0 { break }
			n += len(batch)
			for i := 0; i < len(batch); i += 5 {
				g := batch[i:min(i+5,len(batch))]
				var ch []send.Change
				for _, r := range g { ch = append(ch, intent(r)) }
				check(t, c.Record(t.Context(), ch))
				ch = ch[:0]
				for _, r := range g { ch = append(ch, ended(r, deliveredAt(time.Now()), time.Time{})) }
				check(t, c.Record(t.Context(), ch))
			}
			if fi, err := os.Stat(l.path+"-wal"); err == nil { maxwal = max(maxwal, fi.Size()) }
		}
	}
	t.Log("send", n, time.Since(s)/time.Duration(rows), hwm(), "wal", maxwal)
	s = time.Now()
	tot, err := c.Totals(t.Context())
	check(t, err)
	t.Log("totals", tot.Counts, time.Since(s), hwm())
	s = time.Now()
	check(t, l.Export(t.Context(), "a", func(Recipient) error { return nil }))
	t.Log("export", time.Since(s)/time.Duration(rows), hwm())
	fi, _ := os.Stat(l.path)
	t.Log("size per row", fi.Size()/int64(rows))
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Log(fmt.Sprintf("heapsys %d MB", ms.HeapSys>>20))
	check(t, c.Close()); check(t, l.Close())
}
