package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dkim"
	"github.com/mailctl/mailctl/pkg/message"
)

// A firstMailing is what a first mailing needs.
type firstMailing struct {
	folder   string
	from     delivery.Mailbox
	via      via
	viaText  string
	selector string
	ready    message.Ready

	key   string // file of the DKIM key; empty when the relay signs
	zone  string // the records to publish
	files []ui.StartFile
}

// zoneFile is where init writes the records to publish.
const zoneFile = "records.zone"

// newFirstMailing checks what was said.
func newFirstMailing(env Environment, s initSettings) (*firstMailing, error) {
	st := &firstMailing{folder: s.Dir, viaText: cmp.Or(s.Via, leaveBySink)}
	var err error
	if st.from, err = delivery.ParseMailbox(s.From); err != nil {
		return nil, addressError("from", err)
	}
	if err := checkSenderDomain(st.from); err != nil {
		return nil, err
	}
	if st.via, err = parseVia(st.viaText); err != nil {
		return nil, err
	}
	name := cmp.Or(s.Template, message.ReadyMessages()[0].Name)
	if st.ready, err = findTemplate(name); err != nil {
		return nil, err
	}
	st.selector = cmp.Or(s.Selector, fmt.Sprintf("s%d", env.Now().Year()))
	if !st.relaySigns() {
		st.key = st.selector + ".pem"
	}
	return st, nil
}

// write writes the files that are not there yet.
func (st *firstMailing) write() error {
	if err := os.MkdirAll(st.folder, 0o700); err != nil {
		return fileError("make --dir", st.folder, err)
	}
	if st.key == "" {
		st.zone = st.records("")
	} else if err := st.writeKey(); err != nil {
		return err
	}
	config, err := st.config()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name, purpose string
		content       []byte
	}{
		{"mailctl.yaml", "settings: every flag of a command can stand here", config},
		{st.ready.Name + ".md", "a message to edit", st.ready.Source()},
		{st.ready.Name + ".csv", "a list to fill in", st.ready.List()},
		{zoneFile, "the DNS records to publish", []byte(st.zone)},
	} {
		path := filepath.Join(st.folder, f.name)
		err := writeNew(path, f.content)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		st.files = append(st.files, ui.StartFile{Path: path, Purpose: f.purpose, Written: err == nil})
	}
	return nil
}

// writeKey makes the key, or reads the one that is there, and the records that
// go with it.
func (st *firstMailing) writeKey() error {
	path := filepath.Join(st.folder, st.key)
	_, err := os.Stat(path)
	written := errors.Is(err, fs.ErrNotExist)
	var key *dkim.Key
	if written {
		if key, err = dkim.Generate(dkim.RSA2048); err != nil {
			return err
		}
	} else if key, err = readKey("selector", path); err != nil {
		return err
	}
	signer, err := dkim.NewSigner(st.from.Address.Domain, st.selector, key)
	if err != nil {
		return err
	}
	record, err := signer.Record()
	if err != nil {
		return err
	}
	if written {
		if err := writeKey(path, key); err != nil {
			return err
		}
	}
	st.zone = st.records(strings.TrimRight(record.Zone(), "\n"))
	st.files = append(st.files, ui.StartFile{Path: path, Purpose: "the private DKIM key: keep it secret", Written: written})
	return nil
}

// config returns the configuration.
func (st *firstMailing) config() ([]byte, error) {
	type section struct {
		From     string   `yaml:"from"`
		Via      string   `yaml:"via"`
		Key      []string `yaml:"dkim-key,flow,omitempty"`
		Selector []string `yaml:"dkim-selector,flow,omitempty"`
	}
	type checking struct {
		Selector []string `yaml:"selector,flow"`
	}
	all := struct {
		Send  section   `yaml:"send"`
		Check *checking `yaml:"check,omitempty"`
	}{Send: section{From: st.from.Readable(), Via: st.viaText}}
	if st.key != "" {
		all.Send.Key, all.Send.Selector = []string{st.key}, []string{st.selector}
		all.Check = &checking{[]string{st.selector}}
	}
	settings, err := yaml.Marshal(all)
	const head = "# Settings of mailctl. Each section is a command, each key one of its flags;\n" +
		"# a flag on the command line beats MAILCTL_… in the environment, which beats\n# this file.\n"
	if st.key == "" {
		settings = append(settings, "    # There is no key to sign with:\n    # "+relaySignsWhy+"\n"...)
	}
	return append([]byte(head), settings...), err
}

// report returns what was done, for printers.
func (st *firstMailing) report() ui.Start {
	at := func(name string) string { return filepath.Join(st.folder, name) }
	list, body := at(st.ready.Name+".csv"), at(st.ready.Name+".md")
	mailing := fmt.Sprintf("mailctl send --list %s --message %s", list, body)
	domain := st.from.Address.Domain
	report := ui.Start{Domain: domain, Files: st.files, Zone: st.zone}
	if st.folder != "." {
		report.Next = append(report.Next, [2]string{"cd " + st.folder, "mailctl.yaml is read where you are"})
		mailing = fmt.Sprintf("mailctl send --list %s.csv --message %s.md", st.ready.Name, st.ready.Name)
	}
	report.Next = append(report.Next,
		[2]string{mailing + " --via sink:", "try it: nothing leaves this machine"},
		[2]string{fmt.Sprintf("mailctl check %s --zone records.zone", domain), "judge the records; without --zone once they are published"},
		[2]string{"mailctl doctor", "what else stands in the way"},
	)
	return report
}
