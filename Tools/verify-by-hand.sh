#!/usr/bin/env bash
# Checks one seal in an OFD file of this platform with nothing but the openssl command, step by step, so that anybody can
# follow what is proven and how. Only unpacking is done by Python's zipfile.
#
#     verify-by-hand.sh FILE.ofd ISSUING.pem [Sign_0]
#
# ISSUING.pem is the certificate that issued the signer's and the seal maker's. Exits 0 when every step holds.
set -euo pipefail
file=$(realpath "$1") issuing=$(realpath "$2") sign=${3:-Sign_0}
id=distid:1234567812345678
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m zipfile -e "$file" "$work/package"
cd "$work"
folder=package/Doc_0/Signs/$sign

step() { printf '\n%s\n' "$*"; }
show() { printf '  %s\n' "$@"; }
# Runs a check of openssl whose words are shown.
check() { show "\$ openssl $*"; openssl "$@" 2>&1 | sed 's/^/  /'; }
# Offsets of the parts at one depth: `asn1parse` prints "offset:d=depth hl=head l=length …".
offsets() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *([0-9]+):d=$2 .*/\1/p"; }
# Writes the part that begins at an offset, head and all.
part() {
  local line
  line=$(openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *$2:d=[0-9]+ +hl= *([0-9]+) +l= *([0-9]+) .*/\1 \2/p")
  set -- "$1" "$2" "$3" $line
  head -c $(($2 + $4 + $5)) "$1" | tail -c $(($4 + $5)) >"$3"
}
# Writes the content of the part that begins at an offset; of a BIT STRING without its first byte.
content() {
  local line skip=${4:-0}
  line=$(openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *$2:d=[0-9]+ +hl= *([0-9]+) +l= *([0-9]+) .*/\1 \2/p")
  set -- "$1" "$2" "$3" $line
  head -c $(($2 + $4 + $5)) "$1" | tail -c $(($5 - skip)) >"$3"
}

step "1. SES_Signature: TBS_Sign, the signer's certificate, the algorithm, the signature"
cp "$folder/SignedValue.dat" value.der
mapfile -t at < <(offsets value.der 1)
part value.der "${at[0]}" tbs.der
content value.der "${at[1]}" signer.der
content value.der "${at[3]}" value.sig 1
show "$(openssl asn1parse -inform DER -in value.der | sed -nE "s/^ *${at[2]}:.*OBJECT *:/algorithm /p")"
openssl x509 -inform DER -in signer.der -out signer.pem
openssl x509 -in signer.pem -noout -pubkey -out signer.pub
show "$(openssl x509 -in signer.pem -noout -subject -nameopt utf8)"

step "2. The signer's SM2 signature over TBS_Sign, with the user identifier of the standard"
check dgst -sm3 -verify signer.pub -sigopt "$id" -signature value.sig tbs.der

step "3. dataHash in TBS_Sign is SM3 of Signature.xml"
mapfile -t in < <(offsets tbs.der 1)
content tbs.der "${in[3]}" hash.bin 1
was=$(od -An -tx1 -v hash.bin | tr -d ' \n')
is=$(openssl dgst -sm3 -r "$folder/Signature.xml" | cut -d' ' -f1)
show "said  $was" "found $is"
[ "$was" = "$is" ]
content tbs.der "${in[4]}" scope.txt
show "scope $(cat scope.txt)"
[ "$(cat scope.txt)" = "/Doc_0/Signs/$sign/Signature.xml" ]

step "4. Every file that Signature.xml names has its digest"
sed 's/<ofd:Reference /\n&/g' "$folder/Signature.xml" |
  sed -nE 's/.*FileRef="([^"]*)".*<ofd:CheckValue>([^<]*)<.*/\1 \2/p' >references
while read -r name said || [ -n "$name" ]; do
  found=$(openssl dgst -sm3 -binary "package$name" | base64)
  [ "$said" = "$found" ] || { show "changed: $name"; exit 1; }
  show "ok $name"
done <references

step "5. No file is left uncovered but the signatures' own"
(cd package && find . -type f | sed 's/^\.//') | while read -r name; do
  case $name in /Doc_0/Signs/*) continue ;; esac
  grep -qF "$name " references || { show "uncovered: $name"; exit 1; }
done
show "ok"

step "6. The seal inside TBS_Sign: SES_SealInfo, the maker's certificate and signature"
part tbs.der "${in[1]}" seal.der
cmp seal.der "$folder/Seal.esl" && show "Seal.esl is the same seal, byte for byte"
mapfile -t of < <(offsets seal.der 1)
part seal.der "${of[0]}" info.der
content seal.der "${of[1]}" maker.der
content seal.der "${of[3]}" seal.sig 1
openssl x509 -inform DER -in maker.der -out maker.pem
openssl x509 -in maker.pem -noout -pubkey -out maker.pub
check dgst -sm3 -verify maker.pub -sigopt "$id" -signature seal.sig info.der

step "7. The signer's certificate stands in the seal"
if [ "$(od -An -tx1 -v info.der | tr -d ' \n' | grep -c "$(od -An -tx1 -v signer.der | tr -d ' \n')")" = 1 ]; then
  show "ok"
else
  show "no"
  exit 1
fi

step "8. Both certificates were issued by $(openssl x509 -in "$issuing" -noout -subject -nameopt utf8)"
check verify -vfyopt "$id" -partial_chain -trusted "$issuing" signer.pem
check verify -vfyopt "$id" -partial_chain -trusted "$issuing" maker.pem

step "Every step holds."
