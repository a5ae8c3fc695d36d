package delivery

// reasons is the list behind [Reasons]; nothing changes it.
var reasons = []ReasonInfo{
	{
		ReasonAccepted, "The server took the message and answers for it from here on.",
		"Nothing is to be done.",
		BounceNone, ScopeRecipient, ActionNone,
	},
	{
		ReasonContinue, "The server is ready for what comes next.",
		"Nothing is to be done.",
		BounceNone, ScopeConnection, ActionNone,
	},
	{
		ReasonMailboxUnknown, "There is no such mailbox at that domain.",
		"Remove the address from your lists and look at how it got there.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonMailboxDisabled, "The mailbox exists but has been closed, suspended or abandoned.",
		"Remove the address from your lists.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonMailboxMoved, "The person has moved to another address, and mail is not forwarded.",
		"Replace the address when the reply names the new one, else remove it.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonMailboxUnavailable, "The mailbox cannot take mail at the moment.",
		"Try again later.",
		BounceSoft, ScopeRecipient, ActionRetryLater,
	},
	{
		ReasonMailboxFull, "The mailbox has no room for the message.",
		"Try again in a few days, and stop writing to it when it stays full for weeks.",
		BounceSoft, ScopeRecipient, ActionRetryLater,
	},
	{
		ReasonRecipientRestricted, "The mailbox or mailing list takes mail only from certain senders.",
		"Ask the recipient to let your address write to it.",
		BounceSoft, ScopeRecipient, ActionFixSender,
	},
	{
		ReasonSuppressed, "The relay that sends for you did not even try: the address has bounced or complained before.",
		"Remove the address from your lists, or from the relay's suppression list when it is known to be good.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonAddressSyntax, "The server does not take this for an address.",
		"Correct the address, or remove it from your lists.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonSMTPUTF8Required, "The address is written in a script that a server on the way cannot handle (RFC 6531).",
		"Use the recipient's ASCII address, if there is one.",
		BounceSoft, ScopeRecipient, ActionFixMessage,
	},
	{
		ReasonDomainUnknown, "The domain behind the @ does not exist or has no mail server.",
		"Correct the domain, or remove the address from your lists.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonDomainNoMail, "The domain says that it takes no mail at all (RFC 7504, RFC 7505).",
		"Remove the address from your lists.",
		BounceHard, ScopeRecipient, ActionSuppress,
	},
	{
		ReasonRouting, "The receiving side could not find or reach the server that keeps the mailbox.",
		"Try again later; if it lasts, the recipient's postmaster has to mend it.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonMailLoop, "The message goes in circles between servers, which forward it to each other.",
		"Tell the recipient's postmaster; sending again will not help until it is mended.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonRelayDenied, "The server does not carry mail to this recipient for you.",
		"Log in, send through the server that is meant for you, or check the domain's MX record.",
		BounceSoft, ScopeConnection, ActionFixSender,
	},
	{
		ReasonSpam, "The receiver's filter takes the message for spam.",
		"Look at the content, the links and who is on the list, and send only to people who asked for it.",
		BounceSoft, ScopeMessage, ActionFixMessage,
	},
	{
		ReasonVirus, "The receiver's filter found something harmful in the message.",
		"Check the attachments and links before anything else is sent.",
		BounceSoft, ScopeMessage, ActionFixMessage,
	},
	{
		ReasonContentRejected, "The receiver does not want what the message says, links to or carries.",
		"Change the content or the attachments; the reply may name what is wrong.",
		BounceSoft, ScopeMessage, ActionFixMessage,
	},
	{
		ReasonMessageMalformed, "The message is not built as the standards or this server ask.",
		"Mend headers, encoding or line lengths (RFC 5322, RFC 2045).",
		BounceSoft, ScopeMessage, ActionFixMessage,
	},
	{
		ReasonMessageTooLarge, "The message is larger than the server or the mailbox allows.",
		"Make the message smaller; link to large files instead of attaching them.",
		BounceSoft, ScopeMessage, ActionFixMessage,
	},
	{
		ReasonSenderRejected, "The server does not accept the sender's address or domain.",
		"Check that the sender's address is right and its domain exists and receives mail.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonSenderUnauthenticated, "The message did not pass SPF, DKIM or DMARC as this receiver asks.",
		"Run: mailctl check DOMAIN, with the domain of your From address. It shows the SPF, DKIM and DMARC records to publish; mailctl verify message.eml shows what a message lacks.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonReverseDNS, "The sending IP address has no name in the DNS, or one that does not lead back to it.",
		"Have whoever runs the IP address set its PTR record to a name that resolves to that address; mailctl check DOMAIN --ip ADDRESS looks whether it does.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonBlocklisted, "The sending IP address or domain is on a blocklist, a public one or the receiver's own.",
		"Run: mailctl check DOMAIN --only dnsbl --ip ADDRESS to see which public lists. Find out why, mend that, then ask the list or the receiver for removal.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonReputation, "The receiver has had too much unwanted mail from this IP address or domain.",
		"Send less, only to people who open your mail, and grow again slowly.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonPolicy, "A rule of the receiver's refuses the message.",
		"Read the reply for the rule; the receiver's postmaster page often explains it.",
		BounceSoft, ScopeSender, ActionFixSender,
	},
	{
		ReasonGreylisted, "The server refuses strangers at first and takes the message when it comes again.",
		"Try again after some minutes, from the same IP address.",
		BounceSoft, ScopeConnection, ActionRetry,
	},
	{
		ReasonRateLimited, "Too many messages came in too short a time.",
		"Send fewer messages at a time to this receiver.",
		BounceSoft, ScopeConnection, ActionSlowDown,
	},
	{
		ReasonTooManyConnections, "Too many connections are open at once.",
		"Use fewer connections to this receiver.",
		BounceSoft, ScopeConnection, ActionSlowDown,
	},
	{
		ReasonTooManyRecipients, "The message has more recipients than the server takes at a time.",
		"Send to fewer recipients in one message.",
		BounceSoft, ScopeMessage, ActionRetry,
	},
	{
		ReasonServerBusy, "The server cannot take mail at the moment.",
		"Wait, then try again with less.",
		BounceSoft, ScopeServer, ActionSlowDown,
	},
	{
		ReasonServerFull, "The server, not the mailbox, has no room left.",
		"Try again later.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonServerError, "The receiving server has trouble of its own.",
		"Try again later; if it lasts, tell the receiver's postmaster.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonMailerError, "The program that should file the message in the mailbox failed.",
		"Try again later; if it lasts, tell the receiver's postmaster what the reply says.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonNetworkError, "No answer came: the server could not be reached, or the connection broke.",
		"Try again; if it lasts, check the network, the firewall and the server's name.",
		BounceSoft, ScopeConnection, ActionRetry,
	},
	{
		ReasonTLSRequired, "The server takes mail only over an encrypted connection.",
		"Turn TLS on for this server; mailctl probe HOST shows what it speaks.",
		BounceSoft, ScopeConnection, ActionStop,
	},
	{
		ReasonTLSFailed, "No encrypted connection that can be trusted came about.",
		"Check the server's certificate and name, and the TLS versions of both sides; mailctl probe HOST shows them.",
		BounceSoft, ScopeConnection, ActionRetryLater,
	},
	{
		ReasonAuthRequired, "The server wants its clients to log in first.",
		"Give a user name and a password for this server.",
		BounceSoft, ScopeConnection, ActionStop,
	},
	{
		ReasonAuthFailed, "The server did not accept the user name and password.",
		"Check the credentials; some providers want a password made for applications.",
		BounceSoft, ScopeConnection, ActionStop,
	},
	{
		ReasonProtocolError, "Client and server misunderstood each other.",
		"Look at the conversation with --verbose; the server may lack what was asked of it.",
		BounceSoft, ScopeConnection, ActionRetryLater,
	},
	{
		ReasonExpired, "The message could not be delivered within the time a server tries.",
		"Read what the earlier attempts were told; the address may still be good.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
	{
		ReasonUnknown, "The reply does not say what is wrong.",
		"Read the text of the reply; ask the receiver's postmaster when it lasts.",
		BounceSoft, ScopeServer, ActionRetryLater,
	},
}
