package message
import ("testing";"os";"time"
"github.com/mailctl/mailctl/pkg/delivery")
func BenchmarkZ(b *testing.B){
 small := "---\nsubject: Hello {{.name}}\nunsubscribe: https://acme.example/u?e={{.email}}\n---\n# Hello {{.name}}\n\nThank you for ordering from {{.city}}. "
 for len(small) < 900 { small += "Some more words of prose follow here, as they do in any mail. " }
 small += "\n\n[Open](https://acme.example/x?u={{.email}})\n"
 w,_ := os.ReadFile("../../testdata/messages/welcome.md")
 nl,_ := os.ReadFile("../../testdata/messages/newsletter.html")
 for n, src := range map[string]string{"small.md":small,"welcome.md":string(w),"newsletter.html":string(nl)} {
  from,_ := delivery.ParseMailbox("Acme <news@acme.example>")
  tm, err := Compile(Source{Name:n,Body:[]byte(src)}, Options{From:from, Campaign:"c"})
  if err != nil { b.Fatal(err) }
  a,_ := delivery.ParseAddress("zoe@fjord.example")
  row := Row{Address:a, Fields: map[string]any{"email":"zoe+x@fjord.example","name":"Zoë Ångström","company":"Fjord & Fell AB","city":"Malmö","orders":"1"}}
  at := time.Unix(1763800000,0).UTC()
  b.Run(n, func(b *testing.B){ b.ReportAllocs(); for i:=0;i<b.N;i++ { r, err := tm.Render(row, at); if err != nil {b.Fatal(err)}; b.SetBytes(int64(len(r.Data))) } })
  b.Run(n+"/check", func(b *testing.B){ b.ReportAllocs(); for i:=0;i<b.N;i++ { tm.Check(row) } })
 }
}
