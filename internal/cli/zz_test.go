package cli
import ("testing";"fmt";"time";"github.com/mailctl/mailctl/pkg/warmup";"github.com/mailctl/mailctl/internal/sink")
func TestZZ(t *testing.T){
 mix,_:=warmup.ParseMix("gmail=45%,outlook=25%,yahoo=20%")
 for _,target:=range []int{5000,20000,100000}{
 p,err:=warmup.New(warmup.Options{Target:target,Days:14,Mix:mix,From:warmup.Date{2026,12,1}}); if err!=nil{t.Fatal(err)}
 per,err:=choosePersonalities(p.Providers(),nil); if err!=nil{t.Fatal(err)}
 th,_:=warmup.DefaultThresholds()
 for _,adapt:=range []bool{false,true}{
  rs:=newReceivers(per,1)
  s:=warmup.Simulation{Receivers:rs,Thresholds:th,Adapt:adapt,RetryFor:72*time.Hour}
  st:=time.Now(); days:=s.Play(p); el:=time.Since(st)
  for _,d:=range days{ for _,n:=range p.Providers(){ x:=d.Providers[n]; if n!="other"&&target==100000 {fmt.Printf("%v %2d %-8s plan %6d tried %6d att %6d dlv %6d def %5d bnc %4d blk %4d exp %d %s %s\n",adapt,d.Day,n,x.Planned,x.Sent,x.Attempts,x.Delivered,x.Deferred,x.Bounced,x.Blocked,x.Expired,x.Decision,x.Reason)}}}
  sum:=warmup.Sum(days)
  fmt.Println(target,adapt,el, sum, float64(sum.Delivered)/float64(sum.Planned), float64(sum.Delivered)/float64(sum.Sent))
  for n,r:=range rs{ a,b:=r.(*playedReceiver).model.Reputation(); fmt.Println(n,a,b)}
 }}
 _=sink.Names
}
