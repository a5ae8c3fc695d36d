package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
)

// sample is a list of n rows of five columns.
func sample(n int) []byte {
	var b bytes.Buffer
	b.WriteString("email,name,company,city,orders\n")
	for i := range n {
		fmt.Fprintf(&b, "person.%d@company-%d.example,\"Person, Number %d\",Company %d,Köln,%d\n", i, i%997, i, i%997, i%40)
	}
	return b.Bytes()
}

// BenchmarkNext reads rows, their addresses included; one operation is one row.
func BenchmarkNext(b *testing.B) {
	for name, where := range map[string]string{"all": "", "where": `orders > 3 && city == "Köln"`} {
		b.Run(name, func(b *testing.B) {
			list := sample(10_000)
			b.SetBytes(int64(len(list) / 10_000))
			b.ReportAllocs()
			var r *Reader
			for b.Loop() {
				if r == nil {
					var err error
					if r, err = NewReader(bytes.NewReader(list), Options{Where: where}); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := r.Next(); errors.Is(err, io.EOF) {
					r = nil
				} else if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFields(b *testing.B) {
	rows, err := readAll(bytes.NewReader(sample(1)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	text, err := EncodeFields(rows[0].Fields)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := EncodeFields(rows[0].Fields); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := DecodeFields(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDuplicates takes in and sorts 100,000 rows of which one in ten is a
// duplicate; one operation is all of them.
func BenchmarkDuplicates(b *testing.B) {
	rows, err := readAll(bytes.NewReader(sample(100_000)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		if i%10 == 0 {
			rows[i].Address = rows[i/2].Address
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		d := NewDuplicates(b.TempDir(), 0)
		for _, row := range rows {
			if err := d.Add(row); err != nil {
				b.Fatal(err)
			}
		}
		if err := d.Each(func(Duplicate) error { return nil }); err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
