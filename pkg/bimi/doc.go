// Package bimi is Brand Indicators for Message Identification: the record of
// draft-brand-indicators-for-message-identification-14, the SVG profile of
// draft-svg-tiny-ps-abrotman-11, and the mark certificates of
// draft-fetch-validation-vmc-wchuang-10 and the Minimum Security Requirements
// for Issuance of Mark Certificates of the AuthIndicators working group. All of
// them are drafts.
package bimi
