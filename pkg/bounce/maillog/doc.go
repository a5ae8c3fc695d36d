// Package maillog reads the logs of mail servers: which recipient a message was
// delivered to, who put it off or refused it, and with which words. Postfix,
// Exim, Sendmail and OpenSMTPD are told apart line by line, so that one log may
// hold several of them.
//
//	events := maillog.NewReader(file, maillog.Options{Now: time.Now})
//	judge, tally := maillog.NewJudge(), maillog.NewTally()
//	for {
//		event, err := events.Next()
//		if err != nil {
//			break // io.EOF at the end
//		}
//		tally.Add(event, judge.Verdict(event), judge.Provider(event))
//	}
//	summary := tally.Summary()
//
// Nothing here grows with the log. What has a bound, and what happens beyond it,
// is said where it is.
package maillog
