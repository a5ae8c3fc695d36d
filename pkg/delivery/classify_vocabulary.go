package delivery

import "strings"

// A wordID stands for a word of a [vocabulary], or for a shape that words have.
type wordID uint32

// A vocabulary numbers the words of which phrases are made.
type vocabulary struct {
	size  wordID
	words map[string][]wordID // all that a word fits, itself first; see [vocabulary.pack]
	// shapes are what more than one word fits, by the first two octets of these; see
	// [lead].
	shapes [leads][leads][]shape
	known  map[string]wordID // the shapes as phrases write them
}

// A shape is what several words fit: it has numbers in it, or it may go on.
type shape struct {
	text string // "#" stands for digits
	open bool   // the word may go on
	id   wordID
}

func newVocabulary() *vocabulary {
	return &vocabulary{words: map[string][]wordID{}, known: map[string]wordID{}}
}

// add returns the ID of a word of a phrase, which it adds when it is new.
func (v *vocabulary) add(word string) wordID {
	text, open := strings.CutSuffix(word, "*")
	if open || strings.Contains(text, "#") {
		if id, ok := v.known[word]; ok {
			return id
		}
		v.known[word] = v.size
		v.addShape(shape{text, open, v.size})
	} else {
		if ids, ok := v.words[word]; ok {
			return ids[0]
		}
		v.words[word] = []wordID{v.size}
	}
	v.size++
	return v.size - 1
}

// addShape lists a shape under all octets that a word which fits it can begin with.
func (v *vocabulary) addShape(s shape) {
	padded := s.text + " "
	v.list(padded[0], padded[1], s)
	if padded[0] == '#' {
		v.list('#', '#', s)
	}
}

func (v *vocabulary) list(first, second byte, s shape) {
	shapes := &v.shapes[lead(first)][lead(second)]
	*shapes = append(*shapes, s)
}

// leads is how many kinds of octets [lead] tells apart.
const leads = 29

// lead returns what shapes are listed under for an octet: the letters of ASCII are
// told apart, the octets of other characters are not.
func lead(octet byte) byte {
	switch {
	case 'a' <= octet && octet <= 'z':
		return octet - 'a'
	case octet == '#' || isDigit(octet):
		return 26
	case octet == ' ':
		return 27
	}
	return 28
}

// pack lists for each word which shapes it fits, once all were added.
func (v *vocabulary) pack() {
	for word, ids := range v.words {
		v.words[word] = v.appendShapes(ids, []byte(word+" "))
	}
}

// appendIDs appends what a word with a space behind it fits.
func (v *vocabulary) appendIDs(ids []wordID, word []byte) []wordID {
	if known, ok := v.words[string(word[:len(word)-1])]; ok {
		return append(ids, known...)
	}
	return v.appendShapes(ids, word)
}

// appendShapes appends the shapes that a word with a space behind it fits.
func (v *vocabulary) appendShapes(ids []wordID, word []byte) []wordID {
	for _, s := range v.shapes[lead(word[0])][lead(word[1])] {
		if s.fits(word[:len(word)-1]) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// fits reports whether a word has the shape.
func (s *shape) fits(word []byte) bool {
	i := 0
	for _, octet := range []byte(s.text) {
		begin := i
		if octet == '#' {
			for i < len(word) && isDigit(word[i]) {
				i++
			}
		} else if i < len(word) && word[i] == octet {
			i++
		}
		if i == begin {
			return false
		}
	}
	return s.open || i == len(word)
}
