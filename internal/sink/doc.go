// Package sink is a local SMTP server to try mail out against. It accepts
// everything, or answers as a [Personality] tells it to, keeps messages as they
// arrived or only counts them, and never delivers anything to anyone.
//
// # Personalities
//
// A personality is a YAML file of rules. Those that come with the program
// ([Names]) are such files too, so each is an example to start from:
//
//	about: a receiver that is sometimes full     # one sentence, for people
//	host: mx.example.net                         # its name in the greeting
//	max_size: 26214400                           # largest message, in octets
//	max_recipients: 100                          # recipients of one message
//	receiver: {}                                 # remember clients, see below
//	rules:
//	  - name: user-unknown
//	    at: rcpt
//	    to: "*@example.org"
//	    share: 2%
//	    reply: "550 5.1.1 <{{rcpt}}>: user unknown"
//
// At each stage of a conversation the rules of that stage are tried in order.
// The first one that applies and says reply, accept or close decides, and the
// rest are not tried. A rule that only says delay slows the conversation down,
// and the following rules are tried after it. When no rule decides, the answer
// is yes.
//
//	at      connect, ehlo, mail, rcpt, data, or message (after the final dot)
//
// Conditions; a rule applies when all of them hold:
//
//	to      recipient: a pattern or a list of them
//	from    envelope sender: a pattern or a list of them; "" is the null sender
//	share   part of all recipients it applies to: 0.02 or 2%
//	first   only to the first so many attempts for a recipient
//	wait    only until so long after the first attempt for a recipient
//	after   only once the connection has had so many messages accepted
//
//	connections  at connect, only when the client has more than so many open
//	unsigned     true: at message, only without a DKIM-Signature field
//	below        only for clients whose reputation is lower: 0.1 or 10%
//	over         only for what is more than the receiver takes from the client in
//	             an "hour" or a "day"
//	hold         with over: goes on applying to the client for so long
//
// Consequences:
//
//	reply   what is answered: a 4yz or 5yz reply, or at message also a 250
//	delay   how long the answer takes: 300ms, or 200ms..2s
//	accept  true: say yes, and try no further rule
//	close   true: end the connection, after the reply when there is one.
//	        With accept at message: keep the message, then end without an answer
//	name    what events call the rule, and what its chances hang on
//
// A pattern without "@" is compared with the domain, one with "@" with the
// whole address, both without regard to case; "*" stands for any characters and
// "?" for one. A pattern between slashes is a regular expression. A reply may
// have several lines and may use {{rcpt}}, {{from}}, {{ip}}, {{helo}}, {{host}}
// and {{id}}. A connection is always closed after 421, as RFC 5321 §3.8 wants.
//
// # Clients
//
// With the key "receiver", a personality remembers every client address, as large
// providers do. It is a model of what they publish, not of what they keep to
// themselves:
//
//	reputation  of a client never seen, from 0 to 1: 20% unless given
//	volume      messages it takes from such a client in a day: 500
//	growth      with the best reputation, a day may have so many times the usual: 3
//	hour        part of a day's messages that may come within an hour: 10%
//	gain        what a good day adds, of what is missing to the best: 15%
//	loss        what a bad day takes, of the reputation: 20%
//	complaints  part of the recipients that complain: none
//
// What it takes in a day is the larger of volume and the usual number of messages
// times 1 + (growth-1)·reputation; a client that has lost reputation gets less of
// volume. What is usual moves half the way to a day's messages at its end, and a
// day without mail leaves nine tenths of it. A day is bad when 5 % of the addresses
// were dead, 0.3 % of the recipients complained, or half of the hours with mail ran
// into a limit; a third as bad at 2 %, 0.1 % and a quarter; else it is good. Dead
// are those that a rule refuses in words that say so. Days and hours are those of
// UTC.
//
// # Chance
//
// Nothing is random. Whether a share includes a recipient is a hash of seed,
// rule and recipient, so it is the same in each run and whatever the order of
// arrival. Where there is no recipient yet (connect, ehlo, mail) the number of
// the connection, and at mail the number of the transaction on it, stand in its
// place. At data and message a rule applies when it applies to any recipient of
// the message.
//
// # Bounds
//
// Line length, message size, recipients and connections are limited, idle
// connections are closed, and what is remembered of recipients, messages and
// clients is limited to [Options].Remember entries: see there for what happens
// beyond.
//
// At data, a reply takes the place of 354. On an encrypted connection the 354
// is out of reach, so that the reply follows the final dot instead.
package sink
