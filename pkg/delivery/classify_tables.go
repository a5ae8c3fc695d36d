package delivery

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed data
var dataFiles embed.FS

// A codeRow is one row of data/basic.json or data/enhanced.json.
type codeRow struct {
	// Reason is what the code means; empty leaves it to the basic code.
	Reason Reason `json:"reason"`
	// Temporary is what it means when it is a 4yz, if that is something else.
	Temporary Reason `json:"temporary"`
	// At holds what it means at a certain stage ("unknown" when that is not known).
	At map[Stage]Reason `json:"at"`
	// Weak says that the words of the reply know better.
	Weak bool `json:"weak"`
	// Firm says that a basic code knows better than a weak enhanced one.
	Firm bool `json:"firm"`
	// Yields are the reasons of which words are believed more than the code, since
	// servers are known to answer so; [plainReasons] are further ones.
	Yields  []Reason `json:"yields"`
	Meaning string   `json:"meaning"`
	Ref     string   `json:"ref"`
}

// stageNotKnown is how the data files write the empty Stage.
const stageNotKnown = Stage("unknown")

func (c codeRow) reason(class Class, at Stage) Reason {
	if at == "" {
		at = stageNotKnown
	}
	if reason, ok := c.At[at]; ok {
		return reason
	}
	if class == ClassTemporary && c.Temporary != "" {
		return c.Temporary
	}
	return c.Reason
}

// plainReasons are said in words that leave no doubt. Servers give them with whatever
// enhanced code is at hand, so that no code is believed more.
var plainReasons = []Reason{
	ReasonBlocklisted, ReasonReputation, ReasonReverseDNS, ReasonSenderUnauthenticated, ReasonRelayDenied, ReasonGreylisted,
	ReasonRateLimited, ReasonTooManyConnections, ReasonSpam, ReasonVirus,
}

// yields reports whether words that give a reason are believed more than the code.
func (c codeRow) yields(to Reason) bool {
	return slices.Contains(plainReasons, to) || slices.Contains(c.Yields, to)
}

// tables hold what the data files say.
type tables struct {
	basic     map[int]codeRow
	enhanced  map[EnhancedCode]codeRow // Class is zero in the keys
	phrases   *phrases                 // mean rows of text, and behind them of providers
	text      textTable
	providers providerTable
	pages     sync.Pool // of *page
}

// classifyTables reads the data files once. They are part of the program, and a
// test reads them too; were one broken, its rows would be missing.
var classifyTables = sync.OnceValue(func() *tables {
	t, _ := readTables()
	return t
})

func readTables() (*tables, error) {
	basic, basicErr := readBasic()
	enhanced, enhancedErr := readEnhanced()
	phrases := newPhrases()
	text, textErr := readText(phrases)
	providers, providersErr := readProviders(phrases, len(text.rows))
	phrases.pack()
	return &tables{basic: basic, enhanced: enhanced, phrases: phrases, text: text, providers: providers},
		errors.Join(basicErr, enhancedErr, textErr, providersErr)
}

func readBasic() (map[int]codeRow, error) {
	var rows []struct {
		Code int `json:"code"`
		codeRow
	}
	err := readData("data/basic.json", &rows)
	codes := make(map[int]codeRow, len(rows))
	for _, row := range rows {
		codes[row.Code] = row.codeRow
	}
	return codes, err
}

func readEnhanced() (map[EnhancedCode]codeRow, error) {
	var rows []struct {
		Code string `json:"code"` // "X.1.1"
		codeRow
	}
	err := readData("data/enhanced.json", &rows)
	codes := make(map[EnhancedCode]codeRow, len(rows))
	for _, row := range rows {
		code, parseErr := parseSubjectDetail(row.Code)
		if parseErr != nil {
			err = errors.Join(err, fmt.Errorf("data/enhanced.json: %w", parseErr))
			continue
		}
		codes[code] = row.codeRow
	}
	return codes, err
}

// parseSubjectDetail reads "X.1.1"; the class of the result is zero.
func parseSubjectDetail(text string) (EnhancedCode, error) {
	subject, detail, _ := strings.Cut(strings.TrimPrefix(text, "X."), ".")
	s, subjectErr := strconv.Atoi(subject)
	d, detailErr := strconv.Atoi(detail)
	if subjectErr != nil || detailErr != nil {
		return EnhancedCode{}, fmt.Errorf("invalid code %q", text)
	}
	return EnhancedCode{Subject: s, Detail: d}, nil
}

// dataNames returns the data files that match a pattern, in their order.
func dataNames(pattern string) []string {
	names, err := fs.Glob(dataFiles, path.Join("data", pattern))
	if err != nil {
		return nil
	}
	return names
}

func readData(name string, rows any) error {
	data, err := dataFiles.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, rows); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
