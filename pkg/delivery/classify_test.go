package delivery

import (
	"testing"
	"testing/quick"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		reply  string
		at     Stage
		class  Class
		reason Reason
		bounce Bounce
		scope  Scope
		action Action
	}{
		// Success, whatever the words.
		{"250 2.0.0 Ok: queued", StageMessage, ClassSuccess, ReasonAccepted, BounceNone, ScopeRecipient, ActionNone},
		{"250 2.1.5 user unknown but fine", StageRcpt, ClassSuccess, ReasonAccepted, BounceNone, ScopeRecipient, ActionNone},
		{"250 5.1.1 ok", StageRcpt, ClassSuccess, ReasonAccepted, BounceNone, ScopeRecipient, ActionNone},
		{"220 ready", StageGreeting, ClassSuccess, ReasonAccepted, BounceNone, ScopeConnection, ActionNone},
		{"235 2.7.0 ok", StageAuth, ClassSuccess, ReasonAccepted, BounceNone, ScopeConnection, ActionNone},
		{"259 odd", StageRcpt, ClassSuccess, ReasonAccepted, BounceNone, ScopeRecipient, ActionNone},
		{"354 go", StageData, ClassIntermediate, ReasonContinue, BounceNone, ScopeConnection, ActionNone},

		// Enhanced codes that mean one thing.
		{"550 5.1.1 x", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.1.1 x", StageMessage, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.1.1 x", "", ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"5.1.1 x", "", ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"450 4.1.1 unverified", StageRcpt, ClassTemporary, ReasonMailboxUnknown, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"550 5.1.2 x", StageRcpt, ClassPermanent, ReasonDomainUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"501 5.1.3 x", StageRcpt, ClassPermanent, ReasonAddressSyntax, BounceHard, ScopeRecipient, ActionSuppress},
		{"551 5.1.6 x", StageRcpt, ClassPermanent, ReasonMailboxMoved, BounceHard, ScopeRecipient, ActionSuppress},
		{"553 5.1.7 x", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.1.8 x", StageRcpt, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"556 5.1.10 x", StageRcpt, ClassPermanent, ReasonDomainNoMail, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.2.1 x", StageRcpt, ClassPermanent, ReasonMailboxDisabled, BounceHard, ScopeRecipient, ActionSuppress},
		{"450 4.2.1 x", StageRcpt, ClassTemporary, ReasonMailboxUnavailable, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"450 4.2.1 receiving mail at a rate that prevents more", StageRcpt, ClassTemporary, ReasonRateLimited, BounceSoft, ScopeConnection, ActionSlowDown},
		{"552 5.2.2 x", StageRcpt, ClassPermanent, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"452 4.2.2 x", StageRcpt, ClassTemporary, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"552 5.2.3 x", StageMessage, ClassPermanent, ReasonMessageTooLarge, BounceSoft, ScopeMessage, ActionFixMessage},
		{"452 4.3.1 x", StageMail, ClassTemporary, ReasonServerFull, BounceSoft, ScopeServer, ActionRetryLater},
		{"552 5.3.4 x", StageMail, ClassPermanent, ReasonMessageTooLarge, BounceSoft, ScopeMessage, ActionFixMessage},
		{"451 4.3.5 x", StageRcpt, ClassTemporary, ReasonServerError, BounceSoft, ScopeServer, ActionRetryLater},
		{"451 4.4.1 x", "", ClassTemporary, ReasonNetworkError, BounceSoft, ScopeConnection, ActionRetry},
		{"550 5.4.4 host not found", "", ClassPermanent, ReasonDomainUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"451 4.4.4 x", "", ClassTemporary, ReasonRouting, BounceSoft, ScopeServer, ActionRetryLater},
		{"554 5.4.6 x", StageMessage, ClassPermanent, ReasonMailLoop, BounceSoft, ScopeServer, ActionRetryLater},
		{"551 4.4.7 x", "", ClassPermanent, ReasonExpired, BounceSoft, ScopeServer, ActionRetryLater},
		{"452 4.5.3 x", StageRcpt, ClassTemporary, ReasonTooManyRecipients, BounceSoft, ScopeMessage, ActionRetry},
		{"553 5.6.7 x", StageRcpt, ClassPermanent, ReasonSMTPUTF8Required, BounceSoft, ScopeRecipient, ActionFixMessage},
		{"554 5.6.3 x", StageMessage, ClassPermanent, ReasonMessageMalformed, BounceSoft, ScopeMessage, ActionFixMessage},
		{"550 5.7.2 x", StageRcpt, ClassPermanent, ReasonRecipientRestricted, BounceSoft, ScopeRecipient, ActionFixSender},
		{"535 5.7.8 x", StageAuth, ClassPermanent, ReasonAuthFailed, BounceSoft, ScopeConnection, ActionStop},
		{"530 5.7.10 x", StageMail, ClassPermanent, ReasonTLSRequired, BounceSoft, ScopeConnection, ActionStop},
		{"525 5.7.13 x", StageAuth, ClassPermanent, ReasonAuthFailed, BounceSoft, ScopeConnection, ActionStop},
		{"550 5.7.13 x", StageRcpt, ClassPermanent, ReasonMailboxDisabled, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.7.20 x", StageMessage, ClassPermanent, ReasonSenderUnauthenticated, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.7.25 x", StageRcpt, ClassPermanent, ReasonReverseDNS, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.7.26 x", StageMessage, ClassPermanent, ReasonSenderUnauthenticated, BounceSoft, ScopeSender, ActionFixSender},
		{"421 4.7.28 x", StageMessage, ClassTemporary, ReasonRateLimited, BounceSoft, ScopeConnection, ActionSlowDown},

		// 5.7.1 and its like mean whatever the words say.
		{"550 5.7.1 Message rejected: DMARC policy", StageMessage, ClassPermanent, ReasonSenderUnauthenticated, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.7.1 Message contains spam", StageMessage, ClassPermanent, ReasonSpam, BounceSoft, ScopeMessage, ActionFixMessage},
		{"554 5.7.1 <b@x.example>: Relay access denied", StageRcpt, ClassPermanent, ReasonRelayDenied, BounceSoft, ScopeConnection, ActionFixSender},
		{"554 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org", StageRcpt, ClassPermanent, ReasonBlocklisted, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.7.1 no", StageRcpt, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"450 4.7.1 Client host rejected: cannot find your hostname", StageRcpt, ClassTemporary, ReasonReverseDNS, BounceSoft, ScopeSender, ActionFixSender},
		{"552 5.7.0 attachment blocked", StageMessage, ClassPermanent, ReasonContentRejected, BounceSoft, ScopeMessage, ActionFixMessage},
		{"550 5.7.0 no", StageMessage, ClassPermanent, ReasonContentRejected, BounceSoft, ScopeMessage, ActionFixMessage},
		{"530 5.7.0 Must issue a STARTTLS command first", StageMail, ClassPermanent, ReasonTLSRequired, BounceSoft, ScopeConnection, ActionStop},
		{"530 5.7.0 Authentication required", StageMail, ClassPermanent, ReasonAuthRequired, BounceSoft, ScopeConnection, ActionStop},
		{"550 5.1.0 <a@x.example>: sender rejected", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"550 #5.1.0 Address rejected.", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.5.0 Requested action not taken: mailbox unavailable", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 5.0.0 x", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},

		// Words without enhanced codes.
		{"450 Greylisted, come back later", StageRcpt, ClassTemporary, ReasonGreylisted, BounceSoft, ScopeConnection, ActionRetry},
		{"451 4.7.1 Greylisting in action", StageRcpt, ClassTemporary, ReasonGreylisted, BounceSoft, ScopeConnection, ActionRetry},
		{"450 4.2.0 <x>: Recipient address rejected: Greylisted", StageRcpt, ClassTemporary, ReasonGreylisted, BounceSoft, ScopeConnection, ActionRetry},
		{"452 mailbox full", StageRcpt, ClassTemporary, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"550 mailbox is over quota", StageRcpt, ClassPermanent, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"552 quota exceeded", StageMessage, ClassPermanent, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"550 No such user here", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 account is disabled", StageRcpt, ClassPermanent, ReasonMailboxDisabled, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 SPF check failed", StageMail, ClassPermanent, ReasonSenderUnauthenticated, BounceSoft, ScopeSender, ActionFixSender},
		{"550 denied by policy", StageRcpt, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"553 sorry, that domain isn't in my list of allowed rcpthosts", StageRcpt, ClassPermanent, ReasonRelayDenied, BounceSoft, ScopeConnection, ActionFixSender},
		{"454 Throttling failure: Maximum sending rate exceeded.", StageMessage, ClassTemporary, ReasonRateLimited, BounceSoft, ScopeConnection, ActionSlowDown},
		{"421 Too many concurrent SMTP connections", StageGreeting, ClassTemporary, ReasonTooManyConnections, BounceSoft, ScopeConnection, ActionSlowDown},
		{"550 domain does not exist", StageRcpt, ClassPermanent, ReasonDomainUnknown, BounceHard, ScopeRecipient, ActionSuppress},

		{"552 5.1.1 recipient overquota", StageRcpt, ClassPermanent, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"452 4.1.1 too many messages", StageRcpt, ClassTemporary, ReasonRateLimited, BounceSoft, ScopeConnection, ActionSlowDown},
		{"534 5.7.9 x", StageAuth, ClassPermanent, ReasonAuthFailed, BounceSoft, ScopeConnection, ActionStop},
		{"554 5.7.9 Message not accepted for policy reasons", StageMessage, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},

		// 452 and 552 after RCPT (RFC 5321 §4.5.3.1.10).
		{"452 too many recipients", StageRcpt, ClassTemporary, ReasonTooManyRecipients, BounceSoft, ScopeMessage, ActionRetry},
		{"552 too many recipients", StageRcpt, ClassTemporary, ReasonTooManyRecipients, BounceSoft, ScopeMessage, ActionRetry},
		{"552 5.5.3 x", StageRcpt, ClassTemporary, ReasonTooManyRecipients, BounceSoft, ScopeMessage, ActionRetry},
		{"552 no", StageRcpt, ClassPermanent, ReasonMailboxFull, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"552 no", StageMail, ClassPermanent, ReasonMessageTooLarge, BounceSoft, ScopeMessage, ActionFixMessage},
		{"552 no", StageMessage, ClassPermanent, ReasonMessageTooLarge, BounceSoft, ScopeMessage, ActionFixMessage},
		{"452 no", StageRcpt, ClassTemporary, ReasonServerFull, BounceSoft, ScopeServer, ActionRetryLater},

		// 421 anywhere.
		{"421 closing", StageGreeting, ClassTemporary, ReasonServerBusy, BounceSoft, ScopeServer, ActionSlowDown},
		{"421 closing", StageMail, ClassTemporary, ReasonServerBusy, BounceSoft, ScopeServer, ActionSlowDown},
		{"421 closing", StageRcpt, ClassTemporary, ReasonServerBusy, BounceSoft, ScopeServer, ActionSlowDown},
		{"421 closing", StageMessage, ClassTemporary, ReasonServerBusy, BounceSoft, ScopeServer, ActionSlowDown},
		{"421 5.1.1 closing", StageRcpt, ClassTemporary, ReasonMailboxUnknown, BounceSoft, ScopeRecipient, ActionRetryLater},

		// The stage decides what three digits mean.
		{"550 no", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 no", "", ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"550 no", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"550 no", StageMessage, ClassPermanent, ReasonContentRejected, BounceSoft, ScopeMessage, ActionFixMessage},
		{"550 no", StageData, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"550 no", StageHello, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"554 no", StageGreeting, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"554 no", StageMessage, ClassPermanent, ReasonContentRejected, BounceSoft, ScopeMessage, ActionFixMessage},
		{"521 no mail here", StageGreeting, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"521 no mail here", StageRcpt, ClassPermanent, ReasonDomainNoMail, BounceHard, ScopeRecipient, ActionSuppress},
		{"556 no mail there", StageRcpt, ClassPermanent, ReasonDomainNoMail, BounceHard, ScopeRecipient, ActionSuppress},
		{"551 no", StageRcpt, ClassPermanent, ReasonMailboxMoved, BounceHard, ScopeRecipient, ActionSuppress},
		{"553 no", StageRcpt, ClassPermanent, ReasonAddressSyntax, BounceHard, ScopeRecipient, ActionSuppress},
		{"553 no", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"501 no", StageRcpt, ClassPermanent, ReasonProtocolError, BounceSoft, ScopeConnection, ActionRetryLater},
		{"503 no", StageData, ClassPermanent, ReasonProtocolError, BounceSoft, ScopeConnection, ActionRetryLater},
		{"500 what?", StageHello, ClassPermanent, ReasonProtocolError, BounceSoft, ScopeConnection, ActionStop},
		{"454 no", StageTLS, ClassTemporary, ReasonTLSFailed, BounceSoft, ScopeConnection, ActionRetryLater},
		{"454 no", StageAuth, ClassTemporary, ReasonServerError, BounceSoft, ScopeServer, ActionRetryLater},
		{"530 no", StageMail, ClassPermanent, ReasonAuthRequired, BounceSoft, ScopeConnection, ActionStop},
		{"535 no", StageAuth, ClassPermanent, ReasonAuthFailed, BounceSoft, ScopeConnection, ActionStop},
		{"450 no", StageRcpt, ClassTemporary, ReasonMailboxUnavailable, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"451 no", StageMessage, ClassTemporary, ReasonServerError, BounceSoft, ScopeServer, ActionRetryLater},
		{"555 no", StageMail, ClassPermanent, ReasonProtocolError, BounceSoft, ScopeConnection, ActionRetryLater},

		// A recipient cannot be dead before it was named.
		{"550 5.1.1 user unknown", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"550 user unknown", StageMail, ClassPermanent, ReasonSenderRejected, BounceSoft, ScopeSender, ActionFixSender},
		{"550 5.1.1 user unknown", StageGreeting, ClassPermanent, ReasonPolicy, BounceSoft, ScopeSender, ActionFixSender},
		{"554 spam", StageGreeting, ClassPermanent, ReasonSpam, BounceSoft, ScopeConnection, ActionStop},

		// Codes that contradict each other are never hard.
		{"550 4.1.1 x", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"450 5.1.1 x", StageRcpt, ClassTemporary, ReasonMailboxUnknown, BounceSoft, ScopeRecipient, ActionRetryLater},
		{"550 4.2.1 x", StageRcpt, ClassPermanent, ReasonMailboxDisabled, BounceSoft, ScopeRecipient, ActionRetryLater},

		// Codes nobody defined.
		{"499 x", StageRcpt, ClassTemporary, ReasonUnknown, BounceSoft, ScopeServer, ActionRetryLater},
		{"599 x", StageRcpt, ClassPermanent, ReasonUnknown, BounceSoft, ScopeServer, ActionRetryLater},
		{"550 5.9.99 x", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
		{"599 5.1.1 x", StageRcpt, ClassPermanent, ReasonMailboxUnknown, BounceHard, ScopeRecipient, ActionSuppress},
	}
	for _, test := range tests {
		reply, err := ParseReply(test.reply)
		if err != nil {
			t.Fatal(err)
		}
		got := Classify(reply, test.at)
		want := Verdict{
			Class: test.class, Reason: test.reason, Bounce: test.bounce, Scope: test.scope, Action: test.action,
			Ref: got.Ref, Confidence: got.Confidence, Provider: got.Provider, Meaning: got.Meaning, Advice: got.Advice,
		}
		if got != want {
			t.Errorf("Classify(%q, %q) =\n %+v, want\n %+v", test.reply, test.at, got, want)
		}
		if got.Ref == "" || got.Confidence <= 0 || got.Confidence > 1 {
			t.Errorf("Classify(%q, %q): reference %q, confidence %v", test.reply, test.at, got.Ref, got.Confidence)
		}
	}
}

func TestClassifySilence(t *testing.T) {
	for _, at := range []Stage{StageDNS, StageConnect, StageGreeting, StageMail, StageRcpt, StageMessage, ""} {
		if v := Classify(Reply{}, at); v.Class != ClassUnknown || v.Reason != ReasonNetworkError || v.Bounce != BounceSoft || v.Action != ActionRetry {
			t.Errorf("silence at %q is %+v", at, v)
		}
	}
	if v := Classify(Reply{}, StageTLS); v.Reason != ReasonTLSFailed || v.Action != ActionRetry {
		t.Errorf("silence at STARTTLS is %+v", v)
	}
	if v := Classify(Reply{Lines: []string{"HTTP/1.1 400 Bad Request"}}, StageGreeting); v.Class != ClassUnknown || v.Reason != ReasonProtocolError || v.Bounce != BounceSoft {
		t.Errorf("a malformed reply is %+v", v)
	}
}

func TestClassifyConfidence(t *testing.T) {
	// From the one that says most to the one that says least.
	replies := []string{"550 5.1.1 x", "550 user unknown", "550 5.1.0 x", "550 x", "550 4.1.0 x", "599 x"}
	last := 1.0
	for _, text := range replies {
		reply, err := ParseReply(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := Classify(reply, StageRcpt); v.Confidence >= last {
			t.Errorf("%q has confidence %v, no less than the one before", text, v.Confidence)
		} else {
			last = v.Confidence
		}
	}
}

// TestClassifyNeverHardTooEarly looks at every code at every stage.
func TestClassifyNeverHardTooEarly(t *testing.T) {
	stages := []Stage{StageDNS, StageConnect, StageGreeting, StageHello, StageTLS, StageAuth, StageMail, StageRcpt, StageData, StageMessage, StageReset, StageQuit, ""}
	property := func(code uint16, class, subject, detail uint8, stage uint8) bool {
		at := stages[int(stage)%len(stages)]
		r := Reply{Code: 200 + int(code)%400, Enhanced: EnhancedCode{int(class) % 6, int(subject) % 8, int(detail) % 32}}
		v := Classify(r, at)
		if v.Reason.Info().Reason != v.Reason {
			return false // outside the list
		}
		if v.Bounce != BounceHard {
			return v.Action != ActionSuppress
		}
		return v.Class == ClassPermanent && r.Code/100 == 5 && !beforeRecipient(at) && v.Action == ActionSuppress
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
}

func TestTables(t *testing.T) {
	tables, err := readTables()
	if err != nil {
		t.Fatal(err)
	}
	// All of RFC 5321 §4.2.3, RFC 7504, RFC 4954 §6 and RFC 3207 §4.
	for _, code := range []int{
		211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504,
		521, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556,
	} {
		if tables.basic[code].Reason == "" {
			t.Errorf("%d is missing", code)
		}
	}
	// All that the IANA registry enumerates: the last detail of each subject.
	count := 0
	for subject, last := range []int{0, 10, 4, 6, 7, 6, 10, 30} {
		for detail := range last + 1 {
			count++
			if _, ok := tables.enhanced[EnhancedCode{0, subject, detail}]; !ok {
				t.Errorf("X.%d.%d is missing", subject, detail)
			}
		}
	}
	if count != 81 || len(tables.enhanced) != count {
		t.Errorf("%d enhanced codes, want %d", len(tables.enhanced), count)
	}
	check := func(where string, row codeRow) {
		reasons := []Reason{row.Reason, row.Temporary}
		for _, reason := range row.At {
			reasons = append(reasons, reason)
		}
		for _, reason := range reasons {
			if reason != "" && reason.Info().Reason != reason {
				t.Errorf("%s has the reason %q, which is not in the list", where, reason)
			}
		}
		if row.Ref == "" {
			t.Errorf("%s has no reference", where)
		}
	}
	for code, row := range tables.basic {
		check(Reply{Code: code}.String(), row)
	}
	for code, row := range tables.enhanced {
		check(code.String(), row)
	}
	for _, row := range tables.text.rows {
		if row.Reason.Info().Reason != row.Reason || len(row.Phrases) == 0 {
			t.Errorf("text row %+v", row)
		}
	}
}

func TestReasons(t *testing.T) {
	seen := map[Reason]bool{}
	for _, info := range Reasons() {
		if seen[info.Reason] {
			t.Errorf("%q is listed twice", info.Reason)
		}
		seen[info.Reason] = true
		for _, sentence := range []string{info.Meaning, info.Advice} {
			if len(sentence) < 10 || sentence[len(sentence)-1] != '.' {
				t.Errorf("%q: %q is no sentence", info.Reason, sentence)
			}
		}
		if info.Bounce == "" || info.Scope == "" || info.Action == "" || info.Reason.Info() != info {
			t.Errorf("%+v", info)
		}
		if (info.Bounce == BounceHard) != (info.Action == ActionSuppress) {
			t.Errorf("%q is %s, and the advice is to %s", info.Reason, info.Bounce, info.Action)
		}
	}
	if len(seen) < 30 || Reason("nonsense").Info().Reason != ReasonUnknown {
		t.Errorf("%d reasons", len(seen))
	}
	Reasons()[0].Meaning = "changed"
	if Reasons()[0].Meaning == "changed" {
		t.Error("the list can be changed from outside")
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		" -- ":               "",
		"User unknown!":      "user unknown ",
		"<a.b@c>: Größe 5%s": "a b c größe 5 s ",
		"it doesn't, 'tis":   "it doesnt tis ",
	} {
		if got := words(in); got != want {
			t.Errorf("words(%q) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	reply := Reply{Code: 550, Enhanced: EnhancedCode{5, 7, 1}, Lines: []string{"Our system has detected that this message is not what anyone here would like to read, see https://support.example/answer/12345"}}
	b.ReportAllocs()
	for b.Loop() {
		Classify(reply, StageMessage)
	}
}
