// Package check looks at everything a domain publishes about mail, and says what
// is wrong, why it matters and which record mends it.
//
// [Check] does one domain, [Stream] many. Findings have the ids of [Rules], which
// are stable. What could not be looked up is a finding of the severity unknown:
// it is never taken for a record that is missing, and no change is advised
// because of it.
package check
