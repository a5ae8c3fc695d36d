package list

import (
	"errors"
	"strings"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// columnsOf returns a row's columns, with one more that is always there.
func columnsOf(fields map[string]any) []string {
	columns := []string{"email"}
	for name := range fields {
		columns = append(columns, name)
	}
	return columns
}

func TestWhere(t *testing.T) {
	row := map[string]any{
		"country": "DE", "orders": "12", "returns": "9", "zip": "01234", "billing zip": "1234", "plan": "3",
		"price": "3.50", "note": "n/a", "empty": "", "first": "Anna", "date": "2026-03-01", "in": "x",
		"long": "12345678901234567890", "longer": "12345678901234567891", "row": "shadowed", "neg": "-4", "exp": "1e3",
		"phone": "+4930123", "same": "12.0", "spaced": " 12 ", "inf": "Inf", "hex": "0x10", "count": "7", "now": "later",
	}
	for expression, want := range map[string]bool{
		`orders > 3`: true, `orders > 12`: false, `orders >= 12`: true, `orders < 100`: true, `orders <= 12`: true, `orders ^ 2 == 144`: true, `row["plan"] + row["plan"] == 6`: true, `3 < orders`: true,
		`orders == 12`: true, `orders != 12`: false, `orders == 12.0`: true, `orders == "12"`: true, `orders == "12.0"`: false,
		`country == "DE" && orders > 3`: true, `country == "DE" and not (orders > 3)`: false,
		`zip == "01234"`: true, `zip == "1234"`: false, `zip == 1234`: true, `zip > "01000"`: true, `zip < 2000`: true,
		`plan == "3"`: true, `plan == 3`: true, `plan in ["3", "4"]`: true, `plan in [3, 4]`: true, `plan in 1..5`: true,
		`plan not in [3, 4]`: false, `orders in ["012"]`: false, `zip in [1234]`: true, `zip in ["1234"]`: false,
		`country in ["DE", "AT"]`: true, `"DE" in [country]`: true, `country in row`: false, `"orders" in row`: true,
		`price > 3`: true, `price < 3.6`: true, `price == 3.5`: true, `neg < 0`: true, `-3 > neg`: true, `exp == 1000`: true,
		// two columns
		`orders > returns`: true, `orders == same`: true, `zip == row["billing zip"]`: false, `orders == spaced`: false,
		`long == longer`: false, `long < longer`: true, `country < first`: false, `orders > country`: false, `phone == zip`: false,
		// calculating
		`orders + returns == 21`: true, `orders + 1 > 12`: true, `orders - returns == 3`: true, `orders * price == 42`: true,
		`orders / returns > 1.3`: true, `orders % 5 == 2`: true, `orders ** 2 == 144`: true, `country + "-" + zip == "DE-01234"`: true,
		`first + country == "AnnaDE"`: true, `(orders + returns) * 2 > returns`: true, `-1 * orders < 0`: true,
		// what is no number, and what is empty
		`note == 3`: false, `note != 3`: true, `empty > 3`: false, `empty <= 3`: false, `empty == 0`: false, `empty == ""`: true,
		`inf == 3`: false, `hex == 16`: false,
		// functions
		`len(country) == 2`: true, `lower(country) == "de"`: true, `country startsWith "D"`: true, `first matches "^An+a$"`: true,
		`int(orders) == 12`: true, `float(price) > 3`: true, `trim(spaced) == 12`: true, `row["first"] contains "nn"`: true,
		`date > "2026-02-28"`: true, `any([orders, returns], # > 10)`: true, `all([orders, returns], # > 10)`: false,
		`let n = orders; n > 3 && n < 20`: true, `orders > 3 ? country == "DE" : false`: true, `1 < plan < 5`: true,
		`row["in"] == "x"`: true, `row["row"] == "shadowed"`: true, `row.orders > 3`: true, `row["orders"] in [12]`: true,
		`row["first"] == "Anna" || country == "x"`: true, `count == 7`: true, `now == "later"`: true,
		`true`: true, `1 + 1 == 2`: true, `orders in row`: false,
	} {
		t.Run(expression, func(t *testing.T) {
			f, err := newFilter(expression, columnsOf(row))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.match(row)
			if err != nil || got != want {
				t.Fatalf("%v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestWhereJSON(t *testing.T) {
	row := map[string]any{
		"orders": int64(12), "price": 3.5, "plan": "3", "active": true, "tags": []any{"vip", int64(7)},
		"address": map[string]any{"city": "Berlin", "zip": "01234"}, "none": nil, "text": "twelve", "date": "2026-03-01",
	}
	for expression, want := range map[string]bool{
		`orders > 3`: true, `orders == 12`: true, `orders == "12"`: true, `price < 4`: true, `plan == 3`: true, `plan == "3"`: true,
		`active`: true, `!active`: false, `active && orders > 3`: true, `active == true`: true, `absent`: false, `not absent`: true,
		`absent || active`: true, `absent > 3`: false, `absent == nil`: true, `absent == ""`: false, `absent != "x"`: true, `none == nil`: true,
		`"vip" in tags`: true, `7 in tags`: true, `"7" in tags`: true, `"gold" in tags`: false, `any(tags, # == "vip")`: true,
		`address.city == "Berlin"`: true, `address.zip == "01234"`: true, `address?.country?.code == "DE"`: false, `plan < orders`: true,
		`orders + plan == 15`: true, `text == 12`: false, `row["date"] > "2026"`: true, `plan in absent`: false,
		`orders * 2 > 20`: true, `absent ? true : false`: false, `len(tags) == 2`: true,
	} {
		t.Run(expression, func(t *testing.T) {
			f, err := newFilter(expression, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.match(row)
			if err != nil || got != want {
				t.Fatalf("%v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestWhereRefused(t *testing.T) {
	columns := []string{"email", "orders", "country", "first name"}
	for expression, want := range map[string]struct {
		columns []string
		cause   error
		text    string // in the error or its hints
	}{
		`ordres > 3`:                {columns, ErrUnknownColumn, `did you mean "orders"`},
		`row["frist name"] == "x"`:  {columns, ErrUnknownColumn, `did you mean "first name"`},
		`Orders > 3`:                {columns, ErrUnknownColumn, `did you mean "orders"`},
		`xyzzy == 1`:                {columns, ErrUnknownColumn, `there are: email, orders`},
		`$env["orders"] == 1`:       {columns, ErrUnknownColumn, `$env`},
		`orders >`:                  {columns, ErrWhere, `column 8`},
		`orders`:                    {columns, ErrWhere, `string`},
		`country && orders > 3`:     {columns, ErrWhere, `string`},
		`orders + 1`:                {columns, ErrWhere, ``},
		`orders = 3`:                {columns, ErrWhere, `column 8`},
		`shout(country) == "DE"`:    {columns, ErrWhere, `no such function: "shout"`},
		`shout(country) == "DE" `:   {nil, ErrWhere, `no such function: "shout"`},
		`email("x")`:                {columns, ErrWhere, `"email" is a column`},
		`row["orders"]`:             {columns, ErrWhere, `bool`},
		`now() > date("2026")`:      {columns, ErrWhere, `"now"`},
		`orders > true`:             {columns, ErrWhere, `mismatched`},
		strings.Repeat("(", 20_000): {columns, ErrWhere, ``},
		"orders > 3 and\n country":  {columns, ErrWhere, ``},
	} {
		name := expression[:min(len(expression), 30)]
		t.Run(name, func(t *testing.T) {
			_, err := newFilter(expression, want.columns)
			if !errors.Is(err, want.cause) || !errors.Is(err, ErrWhere) {
				t.Fatalf("%v; want %v", err, want.cause)
			}
			if len(delivery.Hints(err)) == 0 && errors.Is(want.cause, ErrUnknownColumn) {
				t.Errorf("no hint: %v", err)
			}
			all := err.Error() + strings.Join(delivery.Hints(err), "\n")
			if !strings.Contains(all, want.text) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s\nlacks %q", all, want.text)
			}
		})
	}
}

func TestWhereFails(t *testing.T) {
	row := map[string]any{"orders": "n/a", "country": "DE", "empty": "", "list": "1"}
	for expression, want := range map[string]string{
		`orders > 3`:                  `"n/a" is not a number`,
		`3 <= orders`:                 `"n/a" is not a number`,
		`orders * 2 == 4`:             `"n/a" is not a number`,
		`empty + 1 == 1`:              `"" is not a number`,
		`len(map(1..1000000, #)) > 3`: `memory budget exceeded`,
		`row["empty"] && true`:        `"" is neither true nor false`,
		`row["empty"].x == 1`:         ``,
	} {
		t.Run(expression, func(t *testing.T) {
			f, err := newFilter(expression, columnsOf(row))
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.match(row)
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v; want %q", err, want)
			}
		})
	}
}
