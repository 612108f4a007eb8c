#!/usr/bin/env bash
# Checks a signature beside a file (.p7s, GB/T 35275) with nothing but the openssl command, step by step.
#
#     verify-signature.sh FILE SIGNATURE.p7s ISSUING.pem P256-ROOT.pem [LIST.crl]
#
# ISSUING.pem is the certificate that issued the signer's, P256-ROOT.pem the root of the time stamps, LIST.crl the issuer's
# revocation list (/trust/lists/sm2-1.crl). Exits 0 when every step holds.
set -euo pipefail
file=$(realpath "$1") signature=$(realpath "$2") issuing=$(realpath "$3") root=$(realpath "$4")
list=${5:+$(realpath "$5")}
id=distid:1234567812345678
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { printf '\n%s\n' "$*"; }
check() { printf '  $ openssl %s\n' "$*"; openssl "$@" 2>&1 | sed 's/^/  /'; }
offsets() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *([0-9]+):d=$2 .*/\1/p"; }
sizes() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *$2:d=[0-9]+ +hl= *([0-9]+) +l= *([0-9]+) .*/\1 \2/p"; }
# The part that begins at an offset, head and all; its content without its head.
part() { set -- "$@" $(sizes "$1" "$2"); head -c $(($2 + $4 + $5)) "$1" | tail -c $(($4 + $5)) >"$3"; }
content() { set -- "$@" $(sizes "$1" "$2"); head -c $(($2 + $4 + $5)) "$1" | tail -c "$5" >"$3"; }

step "1. SignedData: the signer's certificate, what was signed, the signature"
mapfile -t at < <(offsets "$signature" 2)
part "$signature" "${at[0]}" data.der
mapfile -t at < <(offsets data.der 1)
content data.der "${at[3]}" signer.der
content data.der "${at[4]}" info.der
mapfile -t at < <(offsets info.der 1)
part info.der "${at[3]}" attributes.der
content info.der "${at[5]}" value.der
part info.der "${at[6]}" unsigned.der
# What is signed is the SET, not the tag that it bears here (RFC 5652, section 5.4).
{ printf '\x31'; tail -c +2 attributes.der; } >signed.der
check x509 -inform DER -in signer.der -noout -subject -serial -dates

step "2. The file is the one that was signed: SM3"
said=$(openssl asn1parse -inform DER -in signed.der | grep -A2 messageDigest | sed -nE 's/.*OCTET STRING.*:([0-9A-F]+)$/\1/p')
found=$(openssl dgst -sm3 -r "$file" | cut -c1-64 | tr a-f A-F)
printf '  %s\n  %s\n' "$said" "$found"
[ "$said" = "$found" ]

step "3. The signer's key signed it: SM2 with SM3"
openssl x509 -inform DER -in signer.der -noout -pubkey >signer.pub
check dgst -sm3 -verify signer.pub -sigopt $id -signature value.der signed.der

step "4. The signer's certificate is the issuer's"
openssl x509 -inform DER -in signer.der -out signer.pem
check verify -no_check_time -vfyopt $id -partial_chain -trusted "$issuing" signer.pem

step "5. The time stamp over the signature"
mapfile -t at < <(offsets unsigned.der 2)
content unsigned.der "${at[1]}" token.der
# By the certificate of the stamp's own time: one that ran out later does no harm.
check ts -verify -no_check_time -digest "$(openssl dgst -sm3 -r value.der | cut -c1-64)" -token_in -in token.der -CAfile "$root"
openssl ts -reply -token_in -in token.der -text 2>/dev/null | grep "Time stamp" | sed 's/^/  /'

[ -n "$list" ] || exit 0
step "6. The revocation list is the issuer's, and what it says of the certificate"
mapfile -t at < <(offsets "$list" 1)
part "$list" "${at[0]}" listed.der
content "$list" "${at[2]}" bits.der
tail -c +2 bits.der >list.sig
openssl x509 -in "$issuing" -noout -pubkey >issuing.pub
check dgst -sm3 -verify issuing.pub -sigopt $id -signature list.sig listed.der
openssl crl -inform DER -in "$list" -noout -lastupdate -nextupdate -crlnumber | sed 's/^/  /'
serial=$(openssl x509 -in signer.pem -noout -serial | cut -d= -f2)
openssl crl -inform DER -in "$list" -noout -text | grep -A1 "Serial Number: $serial" | sed 's/^/  revoked: /' || printf '  not revoked\n'
