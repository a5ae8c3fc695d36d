package message

import "testing"

func BenchmarkRender(b *testing.B) {
	for _, name := range []string{"welcome.md", "newsletter.html", "plain.txt"} {
		b.Run(name, func(b *testing.B) {
			template := compile(b, name, example(b, name), Options{})
			row := zoe()
			b.SetBytes(int64(len(render(b, template, row).Data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := template.Render(row, when); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	template := compile(b, "m.md", "---\nsubject: Hi {{.name}}\n---\nDear {{.name}} of {{.city}}", Options{})
	row := zoe()
	b.ReportAllocs()
	for b.Loop() {
		if err := template.Check(row); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	body := example(b, "welcome.md")
	b.ReportAllocs()
	for b.Loop() {
		compile(b, "welcome.md", body, Options{})
	}
}
