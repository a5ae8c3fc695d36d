// Package testkit is what the tests stand on: certificates, DNS zones and scripted
// servers on loopback, and real mail servers. Only tests import it.
package testkit
