#!/usr/bin/env bash
# Checks a signature beside a file (.p7s, GB/T 35275) with nothing but the openssl command, step by step.
#
#     verify-signature.sh FILE SIGNATURE.p7s ISSUING.pem P256-ROOT.pem [LIST.crl [MOMENT]]
#
# ISSUING.pem is the certificate that issued the signer's, P256-ROOT.pem the root of the time stamps, LIST.crl the issuer's
# revocation list (/trust/lists/sm2-1.crl). All is judged at the time that the stamp proves. Exits 0 when every step holds, 1
# when one does not. A stamp from after MOMENT (as `date` reads it; now without it) is none. Without a list nothing is said of revocation; that of whoever stamped is not looked at.
set -euo pipefail
file=$(realpath "$1") signature=$(realpath "$2") issuing=$(realpath "$3") root=$(realpath "$4")
list=${5:+$(realpath "$5")} moment=$(date -u -d "${6:-now}" +%s)
id=distid:1234567812345678
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { printf '\n%s\n' "$*"; }
show() { printf '  %s\n' "$@"; }
fail() { show "$@"; exit 1; }
check() { printf '  $ openssl %s\n' "$*"; openssl "$@" 2>&1 | sed 's/^/  /' || exit 1; }
offsets() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *([0-9]+):d=$2 .*/\1/p"; }
sizes() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *$2:d=[0-9]+ +hl= *([0-9]+) +l= *([0-9]+) .*/\1 \2/p"; }
# The part that begins at an offset, head and all; its content without its head.
part() { set -- "$@" $(sizes "$1" "$2"); head -c $(($2 + $4 + $5)) "$1" | tail -c $(($4 + $5)) >"$3"; }
content() { set -- "$@" $(sizes "$1" "$2"); head -c $(($2 + $4 + $5)) "$1" | tail -c "$5" >"$3"; }
# Nothing stands behind the value that a file is.
whole() {
  set -- "$1" $(sizes "$1" 0)
  [ $(($2 + $3)) = "$(stat -c %s "$1")" ] || fail "more than one value: $1"
}
tag() { od -An -tx1 -N1 "$1" | tr -d ' \n'; }
seconds() { date -u -d "$1" +%s; }

step "1. SignedData: one signer, his certificate, what was signed, the signature"
whole "$signature"
mapfile -t at < <(offsets "$signature" 2)
part "$signature" "${at[0]}" data.der
mapfile -t at < <(offsets data.der 1)
[ ${#at[@]} = 5 ] || fail "not version, digests, content, certificates, signers"
content data.der "${at[3]}" signers.der
part signers.der 0 signer.der
content data.der "${at[4]}" info.der
whole info.der
mapfile -t at < <(offsets info.der 1)
[ ${#at[@]} = 7 ] || fail "without signed attributes or without a time stamp"
part info.der "${at[3]}" attributes.der
content info.der "${at[5]}" value.der
part info.der "${at[6]}" unsigned.der
[ "$(tag attributes.der)$(tag unsigned.der)" = a0a1 ] || fail "without signed attributes or without a time stamp"
# What is signed is the SET, not the tag that it bears here (RFC 5652, section 5.4).
{ printf '\x31'; tail -c +2 attributes.der; } >signed.der
check x509 -inform DER -in signer.der -noout -subject -serial -dates

step "2. The file is the one that was signed: SM3"
said=$(openssl asn1parse -inform DER -in signed.der | grep -A2 messageDigest | sed -nE 's/.*OCTET STRING.*:([0-9A-F]+)$/\1/p')
found=$(openssl dgst -sm3 -r "$file" | cut -c1-64 | tr a-f A-F)
show "$said" "$found"
[ "$said" = "$found" ] || fail "another file"

step "3. The signer's key signed it: SM2 with SM3"
openssl x509 -inform DER -in signer.der -noout -pubkey >signer.pub
check dgst -sm3 -verify signer.pub -sigopt $id -signature value.der signed.der

step "4. The time stamp over the signature, good at its own time"
mapfile -t at < <(offsets unsigned.der 2)
content unsigned.der "${at[1]}" token.der
stamped=$(openssl ts -reply -token_in -in token.der -text 2>/dev/null | sed -nE 's/^Time stamp: (.*) GMT$/\1/p') || true
[ -n "$stamped" ] || fail "a time stamp that cannot be read"
proven=$(seconds "$stamped UTC")
check ts -verify -attime "$proven" -digest "$(openssl dgst -sm3 -r value.der | cut -c1-64)" -token_in -in token.der -CAfile "$root"
show "$stamped UTC"
[ "$proven" -le $((moment + 300)) ] || fail "stamped at a time that is yet to come"

step "5. The signer's certificate is the issuer's, was good then, and is one for signatures"
openssl x509 -inform DER -in signer.der -out signer.pem
check verify -attime "$proven" -vfyopt $id -partial_chain -trusted "$issuing" signer.pem
openssl x509 -in signer.pem -noout -ext keyUsage,extendedKeyUsage 2>/dev/null >usage.txt || true
! grep -q "X509v3 Key Usage" usage.txt || grep -qE "Digital Signature|Non Repudiation" usage.txt || fail "not for signatures"
# The platform's marks are under the arc of UUIDs; authorities of others have none of them.
! grep -qF 2.25. usage.txt || grep -qF 2.25.319552243812773285611378793098654609501 usage.txt || fail "for something else"
sed 's/^/  /' usage.txt

step "6. The revocation list is the issuer's, and the certificate was not revoked then"
if [ -z "$list" ]; then
  show "no list was given: nothing is said of revocation"
  exit 0
fi
whole "$list"
mapfile -t at < <(offsets "$list" 1)
part "$list" "${at[0]}" listed.der
content "$list" "${at[2]}" bits.der
tail -c +2 bits.der >list.sig
openssl x509 -in "$issuing" -noout -pubkey >issuing.pub
check dgst -sm3 -verify issuing.pub -sigopt $id -signature list.sig listed.der
openssl crl -inform DER -in "$list" -noout -lastupdate -nextupdate -crlnumber | sed 's/^/  /'
serial=$(openssl x509 -in signer.pem -noout -serial | cut -d= -f2)
openssl crl -inform DER -in "$list" -noout -text >list.txt
! grep -q ": critical" list.txt || fail "a list of another kind"
revoked=$(grep -A1 -xE " *Serial Number: $serial" list.txt | sed -nE 's/^ *Revocation Date: (.*)$/\1/p') || true
if [ -n "$revoked" ]; then
  show "revoked: $revoked"
  [ "$(seconds "$revoked")" -gt "$proven" ] || fail "revoked before it was stamped"
  show "after it was stamped, which does no harm"
else
  until=$(openssl crl -inform DER -in "$list" -noout -nextupdate | cut -d= -f2)
  [ "$proven" -lt "$(seconds "$until")" ] || fail "the list had run out when it was stamped: ask for a later one"
  show "not revoked"
fi
