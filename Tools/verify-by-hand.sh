#!/usr/bin/env bash
# Checks one seal in an OFD file of this platform with nothing but the openssl command, step by step, so that anybody can
# follow what is proven and how. Only unpacking is done by Python's zipfile.
#
#     verify-by-hand.sh FILE.ofd ISSUING.pem [P256-ROOT.pem] [Sign_0] [YYYYMMDDHHMMSSZ]
#
# ISSUING.pem is the certificate that issued the signer's and the seal maker's. P256-ROOT.pem is the root of the time stamps:
# with it the time of signing is proven; without it the time is the signer's word, and certificates and seal have to be good
# at that time and at the moment asked about (the last argument, or now). The last signature is looked at, which covers those
# before it, or the one that is named. Exits 0 when every step holds, 1 when one does not, 2 when a file cannot be read. What a
# licence says of itself, lists of what was revoked, and bytes of the ZIP file that are no file's content (before, between and
# behind the entries, extra fields) are not looked at here: verify-seal.py does. Files are looked for under the very names that
# are written in the document; one that differs in small and large letters only is not found here, and verify-seal.py finds it.
set -euo pipefail
unread() { echo "cannot read: $*"; exit 2; }
[ $# -ge 2 ] || unread "name a file and the certificate that issued: verify-by-hand.sh FILE.ofd ISSUING.pem"
for one in "$1" "$2"; do { [ -f "$one" ] && [ -r "$one" ]; } || unread "$one"; done
file=$(realpath "$1") issuing=$(realpath "$2")
shift 2
sign="" root="" asked=""
for one in "$@"; do
  case $one in
    Sign_*) sign=$one ;;
    [0-9]*Z) asked=$one ;;
    *)
      { [ -f "$one" ] && [ -r "$one" ]; } || unread "$one"
      root=$(realpath "$one")
      ;;
  esac
done
for one in "$issuing" ${root:+"$root"}; do
  openssl x509 -in "$one" -noout 2>/dev/null || unread "$one holds no certificate"
done
id=distid:1234567812345678
algorithm=1.2.156.10197.1.501
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

step() { printf '\n%s\n' "$*"; }
show() { printf '  %s\n' "$@"; }
fail() { show "$@"; exit 1; }
# Runs a check of openssl whose words are shown.
check() { show "\$ openssl $*"; openssl "$@" 2>&1 | sed 's/^/  /' || exit 1; }
# Offsets of the parts at one depth: `asn1parse` prints "offset:d=depth hl=head l=length …".
offsets() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *([0-9]+):d=$2 .*/\1/p"; }
# Head and length of the part that begins at an offset.
sizes() { openssl asn1parse -inform DER -in "$1" | sed -nE "s/^ *$2:d=[0-9]+ +hl= *([0-9]+) +l= *([0-9]+) .*/\1 \2/p"; }
# Writes the part that begins at an offset, head and all.
part() {
  set -- "$1" "$2" "$3" $(sizes "$1" "$2")
  head -c $(($2 + $4 + $5)) "$1" | tail -c $(($4 + $5)) >"$3"
}
# Writes the content of the part that begins at an offset; of a BIT STRING without its first byte, which says that no bits are unused.
content() {
  local skip=${4:-0}
  set -- "$1" "$2" "$3" $(sizes "$1" "$2")
  [ "$skip" = 0 ] || [ "$(head -c $(($2 + $4 + 1)) "$1" | tail -c 1 | od -An -tx1)" = " 00" ] || fail "a BIT STRING of other than whole bytes"
  head -c $(($2 + $4 + $5)) "$1" | tail -c $(($5 - skip)) >"$3"
}
# Nothing stands behind the value that a file is.
whole() {
  set -- "$1" $(sizes "$1" 0)
  [ $(($2 + $3)) = "$(stat -c %s "$1")" ] || fail "bytes after the value: $1"
}
# Seconds since 1970 of a GeneralizedTime.
seconds() {
  [[ $1 =~ ^[0-9]{14}Z$ ]] || return 1
  date -u -d "${1:0:8} ${1:8:2}:${1:10:2}:${1:12:2}" +%s
}

step "1. The package: each name once, none that leads outside, and which signature"
python3 - "$file" <<'PYTHON'
import sys, zipfile, zlib
try:
    package = zipfile.ZipFile(sys.argv[1])
except (zipfile.BadZipFile, NotImplementedError, ValueError):
    sys.exit("  no ZIP file")
names = [one.orig_filename for one in package.infolist()]
inside = all(part not in ("", ".", "..") for name in names for part in name.rstrip("/").split("/"))
if not inside or any(sign in name for name in names for sign in "\\:\0\n\t"):
    sys.exit("  a name that leads outside")
if len({name.lower() for name in names}) != len(names):
    sys.exit("  the same name twice")
if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in package.infolist()):
    sys.exit("  packed otherwise than by deflate")
if any(one.orig_filename.endswith("/") and one.compress_size > 2 for one in package.infolist()):
    sys.exit("  a folder with content")
if len(names) > 1000 or sum(one.file_size for one in package.infolist()) > 25165824:
    sys.exit("  too large")
try:
    package.extractall("package")
except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error):
    sys.exit("  an entry that cannot be unpacked")
PYTHON
if [ -z "$sign" ]; then
  [ -d package/Doc_0/Signs ] || fail "no signature"
  sign=$(find package/Doc_0/Signs -mindepth 1 -maxdepth 1 -type d -name 'Sign_*' -printf '%f\n' | sort -V | tail -1)
fi
[[ $sign =~ ^Sign_[0-9]+$ ]] || fail "no signature"
folder=package/Doc_0/Signs/$sign list=package/Doc_0/Signs/Signatures.xml
for one in package/OFD.xml "$list" "$folder/Signature.xml" "$folder/SignedValue.dat"; do
  [ -f "$one" ] || fail "no file of that very name: ${one#package}"
done
grep -qF ">/Doc_0/Signs/Signatures.xml<" package/OFD.xml || fail "OFD.xml names no list of signatures"
grep -qF "BaseLoc=\"/Doc_0/Signs/$sign/Signature.xml\"" "$list" || fail "the list does not name $sign"
show "$sign"

step "2. SES_Signature: TBS_Sign, the signer's certificate, the algorithm, the signature"
cp "$folder/SignedValue.dat" value.der
whole value.der
mapfile -t at < <(offsets value.der 1)
[ ${#at[@]} = 4 ] || [ ${#at[@]} = 5 ] || fail "not of 2020 or 2025"
part value.der "${at[0]}" tbs.der
content value.der "${at[1]}" signer.der
content value.der "${at[3]}" value.sig 1
named() { openssl asn1parse -inform DER -oid <(printf '%s SM2-with-SM3\n' $algorithm) -in "$1" | sed -nE "s/^ *$2:.*OBJECT *:(.*)/\1/p"; }
[ "$(named value.der "${at[2]}")" = SM2-with-SM3 ] || fail "another algorithm than SM2 with SM3"
whole signer.der
openssl x509 -inform DER -in signer.der -out signer.pem
openssl x509 -in signer.pem -noout -pubkey -out signer.pub
show "$(openssl x509 -in signer.pem -noout -subject -nameopt utf8)"

step "3. The signer's SM2 signature over TBS_Sign, with the user identifier of the standard"
check dgst -sm3 -verify signer.pub -sigopt "$id" -signature value.sig tbs.der

step "4. dataHash in TBS_Sign is SM3 of Signature.xml"
mapfile -t in < <(offsets tbs.der 1)
content tbs.der "${in[3]}" hash.bin 1
was=$(od -An -tx1 -v hash.bin | tr -d ' \n')
is=$(openssl dgst -sm3 -r "$folder/Signature.xml" | cut -d' ' -f1)
show "said  $was" "found $is"
[ "$was" = "$is" ] || fail "another Signature.xml"
content tbs.der "${in[4]}" scope.txt
show "scope $(cat scope.txt)"
[ "$(cat scope.txt)" = "/Doc_0/Signs/$sign/Signature.xml" ] || fail "for another place"

step "5. Every file that Signature.xml names has its digest, by SM3"
# Comments and the like could hide from one reader what another sees.
! grep -qF '<!' "$folder/Signature.xml" || fail "more than elements"
tr '\n\r\t' '   ' <"$folder/Signature.xml" | sed 's/<ofd:/\n&/g' >elements
methods=$(sed -nE 's/^<ofd:References .*CheckMethod="([^"]*)".*/\1/p' elements)
case $methods in 1.2.156.10197.1.401 | SM3) show "CheckMethod $methods" ;; *) fail "CheckMethod ${methods:-missing}" ;; esac
grep -qxE '<ofd:SignedValue>'"/Doc_0/Signs/$sign/SignedValue.dat"'</ofd:SignedValue> *(</ofd:Signature> *)?' elements ||
  fail "another SignedValue"
sed -nE '/^<ofd:Reference /{N;s|^<ofd:Reference FileRef="([^"]*)" *> *\n<ofd:CheckValue>([^<]*)</ofd:CheckValue>.*|\1\t\2|p}' elements >references
[ "$(grep -c '^<ofd:Reference ' elements)" = "$(grep -c . references)" ] || fail "a reference that is written otherwise"
cut -f1 references >names
while IFS=$'\t' read -r name said; do
  case $name in *..* | [!/]*) fail "a name that leads outside: $name" ;; esac
  [ -f "package$name" ] || fail "no file of that very name: $name"
  found=$(openssl dgst -sm3 -binary "package$name" | base64)
  [ "$said" = "$found" ] || fail "changed: $name"
  show "ok $name"
done <references

step "6. No file is left uncovered but the signature's own two and the list"
find package -type f -printf '/%P\n' >present
while read -r name; do
  case $name in
    "/Doc_0/Signs/$sign/Signature.xml" | "/Doc_0/Signs/$sign/SignedValue.dat" | /Doc_0/Signs/Signatures.xml) continue ;;
  esac
  grep -qxF -- "$name" names || fail "uncovered: $name"
done <present
show "ok"

step "7. The seal inside TBS_Sign: SES_SealInfo, the maker's certificate and signature"
part tbs.der "${in[1]}" seal.der
if [ -f "$folder/Seal.esl" ]; then
  cmp -s seal.der "$folder/Seal.esl" || fail "Seal.esl is another seal"
  show "Seal.esl is the same seal, byte for byte"
fi
mapfile -t of < <(offsets seal.der 1)
part seal.der "${of[0]}" info.der
content seal.der "${of[1]}" maker.der
content seal.der "${of[3]}" seal.sig 1
[ "$(named seal.der "${of[2]}")" = SM2-with-SM3 ] || fail "another algorithm than SM2 with SM3"
whole maker.der
openssl x509 -inform DER -in maker.der -out maker.pem
openssl x509 -in maker.pem -noout -pubkey -out maker.pub
check dgst -sm3 -verify maker.pub -sigopt "$id" -signature seal.sig info.der

step "8. The signer's certificate stands in the seal"
mapfile -t parts < <(offsets info.der 1)
part info.der "${parts[2]}" property.der
mapfile -t property < <(offsets property.der 1)
content property.der "${property[2]}" kind.bin
[ "$(od -An -tx1 kind.bin | tr -d ' \n')" = 01 ] || fail "a list of digests; verify-seal.py reads it"
part property.der "${property[3]}" listed.der
is_listed=""
while read -r place; do
  content listed.der "$place" one.der
  if cmp -s one.der signer.der; then is_listed=yes; fi
done < <(offsets listed.der 1)
[ -n "$is_listed" ] || fail "no"
show "ok"

step "9. When it was signed"
content tbs.der "${in[2]}" time.txt
time=$(seconds "$(cat time.txt)") || fail "no time"
now=${asked:+$(seconds "$asked")}
now=${now:-$(date +%s)}
[ "$time" -le $((now + 300)) ] || fail "signed at a time that is yet to come"
if [ -n "$root" ] && [ ${#at[@]} = 5 ]; then
  part value.der "${at[4]}" stamp.der
  mapfile -t stamps < <(offsets stamp.der 1)
  [ ${#stamps[@]} = 1 ] || fail "more than one time stamp"
  content stamp.der "${stamps[0]}" token.der 1
  whole token.der
  stamped=$(openssl ts -reply -token_in -in token.der -text 2>/dev/null | sed -nE 's/^Time stamp: (.*) GMT$/\1/p') || true
  [ -n "$stamped" ] || fail "a time stamp that cannot be read"
  proven=$(date -u -d "$stamped UTC" +%s)
  check ts -verify -data value.sig -token_in -in token.der -CAfile "$root" -attime "$proven"
  [ "$time" -le $((proven + 300)) ] && [ "$proven" -le $((now + 300)) ] || fail "the signer names a later time than the stamp"
  moments=("$proven")
  show "proven: at $stamped UTC"
else
  moments=("$time" "$((time > now ? time : now))")
  show "the signer says: $(cat time.txt)"
fi

step "10. The seal was good then"
content property.der "${property[5]}" from.txt
content property.der "${property[6]}" until.txt
show "from $(cat from.txt) until $(cat until.txt)"
for moment in "${moments[@]}"; do
  [ "$(seconds "$(cat from.txt)")" -le "$moment" ] && [ "$moment" -le "$(seconds "$(cat until.txt)")" ] || fail "no"
done

step "11. Both certificates were issued by $(openssl x509 -in "$issuing" -noout -subject -nameopt utf8), and good then"
for moment in "${moments[@]}"; do
  check verify -vfyopt "$id" -attime "$moment" -partial_chain -trusted "$issuing" signer.pem
  check verify -vfyopt "$id" -attime "$moment" -partial_chain -trusted "$issuing" maker.pem
done

step "12. Both are for signatures, and the maker's is nobody's who makes no seals"
for one in signer maker; do
  openssl x509 -in $one.pem -noout -ext keyUsage,extendedKeyUsage 2>/dev/null >$one.txt || true
  ! grep -q "Key Usage" $one.txt || grep -qE "Digital Signature|Non Repudiation" $one.txt || fail "$one: not for signatures"
done
if ! grep -qF 2.25.102146297233537630421206107769184928885 maker.txt; then
  # Marks of persons and firms who sign, of the log, of archives: they lead to the same root.
  ! grep -qE '2\.25\.(319552243812773285611378793098654609501|156976476587300553328363153663220733081|110875681356445924284057526023344250749)' \
    maker.txt || fail "the maker's certificate is not for seals"
fi
show "ok"

step "Every step holds."
