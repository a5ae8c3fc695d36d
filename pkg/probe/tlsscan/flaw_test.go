package tlsscan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	tests := []struct {
		name     string
		strength Strength
		flaws    string
	}{
		{"TLS_AES_128_GCM_SHA256", Strong, ""},
		{"TLS_CHACHA20_POLY1305_SHA256", Strong, ""},
		{"TLS_SHA256_SHA256", Weak, "null"},
		{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Strong, ""},
		{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Acceptable, "cbc"},
		{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Acceptable, "cbc"},
		{"TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Acceptable, "finite-field-dhe"},
		{"TLS_RSA_WITH_AES_128_CBC_SHA", Acceptable, "no-forward-secrecy cbc"},
		{"TLS_RSA_WITH_AES_128_CCM_8", Acceptable, "no-forward-secrecy"},
		{"TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", Acceptable, "no-forward-secrecy"},
		{"TLS_PSK_WITH_AES_128_GCM_SHA256", Acceptable, "no-forward-secrecy"},
		{"TLS_PSK_DHE_WITH_AES_128_CCM_8", Acceptable, "finite-field-dhe"},
		{"TLS_RSA_WITH_3DES_EDE_CBC_SHA", Weak, "3des no-forward-secrecy cbc"},
		{"TLS_RSA_WITH_DES_CBC_SHA", Weak, "des no-forward-secrecy cbc"},
		{"TLS_RSA_WITH_IDEA_CBC_SHA", Weak, "idea no-forward-secrecy cbc"},
		{"TLS_ECDHE_RSA_WITH_RC4_128_SHA", Weak, "rc4"},
		{"TLS_ECDHE_RSA_WITH_NULL_SHA", Weak, "null"},
		{"TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Weak, "anonymous cbc"},
		{"TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", Weak, "export rc2 md5 no-forward-secrecy cbc"},
		{"TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", Weak, "export anonymous rc4 md5"},
		{"TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA", Weak, "export des finite-field-dhe cbc"},
		{"TLS_RSA_EXPORT1024_WITH_RC4_56_SHA", Weak, "export rc4 no-forward-secrecy"},
	}
	for _, tt := range tests {
		flaws := judge(tt.name)
		if got := strings.Trim(fmt.Sprint(flaws), "[]"); got != tt.flaws || strength(flaws) != tt.strength {
			t.Errorf("%s is %s: %s", tt.name, strength(flaws), got)
		}
		known := slices.ContainsFunc(suites().offer, func(id uint16) bool { return cipherOf(id).Name == tt.name })
		if !known {
			t.Errorf("%s is in no registry", tt.name)
		}
	}
}
