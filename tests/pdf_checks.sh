#!/usr/bin/env bash
# Looks at PDFs with other people's eyes: tests/pdf_checks.sh [FILE…]
#
# Without files: the specimens that the tests write and what the browser walks downloaded. qpdf
# checks the structure, pdfinfo the tags, pdffonts that every font is embedded, pdftotext that
# there is text and no heading alone at the foot of a page; zbarimg and dmtxread read the codes of a payment
# notice off the printed page, and tests/notice_checks.py its sentences and their places.
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "  ok    $1"; }
fail() {
    failed=$((failed + 1))
    echo "  FAIL  $1"
    [ -z "${2-}" ] || printf '%s\n' "$2" | head -n 12 | sed 's/^/        /'
}
close() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
    exit
}

for tool in qpdf pdfinfo pdffonts pdftotext pdftoppm zbarimg; do
    command -v "$tool" >/dev/null || fail "$tool is missing (Debian: qpdf, poppler-utils, zbar-tools)"
done
[ "$failed" -eq 0 ] || close

shopt -s nullglob
files=("$@")
[ "$#" -gt 0 ] || files=(target/specimens/*.pdf target/downloads/*.pdf)
if [ "${#files[@]}" -eq 0 ]; then
    skipped=1
    echo "  skip  PDF files: there are none under target/specimens; the tests write them (tests/run rust)"
    close
fi

notices=()
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for file in "${files[@]}"; do
    name=$(basename "$file" .pdf)
    if said=$(qpdf --check "$file" 2>&1); then ok "$name: qpdf"; else fail "$name: qpdf" "$said"; fi

    said=$(pdfinfo "$file" 2>&1)
    if grep -qE '^Tagged: +yes' <<<"$said"; then ok "$name: tagged"; else fail "$name: tagged" "$said"; fi
    if grep -qE '^Title: +[^ ]' <<<"$said"; then ok "$name: title"; else fail "$name: title" "$said"; fi

    said=$(pdffonts "$file" 2>&1)
    # Columns from the right: object (two numbers), uni, sub, emb.
    loose=$(tail -n +3 <<<"$said" | awk '$(NF-4) != "yes"')
    if [ -z "$loose" ] && [ "$(wc -l <<<"$said")" -gt 2 ]; then
        ok "$name: fonts embedded"
    else
        fail "$name: fonts embedded" "$said"
    fi

    said=$(pdftotext -layout "$file" - 2>/dev/null)
    if [ "$(tr -cd '[:alpha:]' <<<"$said" | wc -c)" -lt 100 ]; then
        fail "$name: text" "$said"
    elif grep -q $'\xef\xbf\xbd' <<<"$said"; then
        fail "$name: text" "a character that can't be read: $(grep -m1 $'\xef\xbf\xbd' <<<"$said")"
    else
        ok "$name: text"
    fi

    # What announces a table is never the last line of a page (the very last is the footer).
    lonely=$(awk 'BEGIN { RS = "\f" } { n = split($0, lines, "\n"); kept = 0
        for (i = n; i > 0 && kept < 2; i--) if (lines[i] ~ /[^ ]/ && ++kept == 2) print lines[i] }' <<<"$said" |
        grep -E '^ *(Dettaglio dei pagamenti|Riepilogo|Alunno: .*) *$')
    if [ -z "$lonely" ]; then ok "$name: no heading alone"; else fail "$name: no heading alone" "$lonely"; fi

    # A payment notice carries the code that the bank's app reads (PAGOPA|002|number|creditor|cents).
    number=$(grep -oE '\b[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{2}\b' <<<"$said" | head -n1 | tr -d ' ')
    if [[ "$name" == *notice* || "$name" == *avviso* ]]; then
        # Instalments with slips begin on the second page: every page is read.
        pdftoppm -r 300 -gray -png "$file" "$scratch/$name"
        codes=$(for page in "$scratch/$name"-*.png; do zbarimg --raw -q "$page"; done 2>&1)
        if grep -qE "^PAGOPA\|002\|${number:-none}\|[0-9]{11}\|[0-9]{2,}$" <<<"$codes"; then
            ok "$name: QR code of notice $number"
        else
            fail "$name: QR code of notice ${number:-(its number was not found)}" "$codes"
        fi
        # dmtxread looks until it has found as many codes as it is told, so it is told of each page alone.
        slips=0 records=0
        for page in "$scratch/$name"-*.png; do
            number=${page##*-} number=$((10#${number%.png}))
            here=$(pdftotext -f "$number" -l "$number" "$file" - | grep -c 'Bollettino Postale PA')
            [ "$here" -gt 0 ] && command -v dmtxread >/dev/null || continue
            slips=$((slips + here))
            codes=$(dmtxread -n -m 15000 -N"$here" "$page" 2>&1)
            records=$((records + $(grep -cE '^codfase=NBPA;18[0-9]{18}12[0-9]{12}10[0-9]{10}38961P1[0-9]{11}.{178}A$' <<<"$codes")))
        done
        if [ "$records" -ne "$slips" ]; then
            fail "$name: $slips Data Matrix codes, dmtxread reads $records"
        elif [ "$slips" -gt 0 ]; then
            ok "$name: $slips Data Matrix codes"
        fi
        notices+=("$file")
    fi
done

# Positions, margins, versions and sizes of codes: with pdfplumber and zxing-cpp, where they are there.
if [ "${#notices[@]}" -gt 0 ]; then
    said=$("${NOTICE_PYTHON:-python3}" tests/notice_checks.py "${notices[@]}" 2>&1)
    grep -E '^  (FAIL|skip) |^        ' <<<"$said"
    passed=$((passed + $(grep -c '^  ok ' <<<"$said")))
    failed=$((failed + $(grep -c '^  FAIL ' <<<"$said")))
    skipped=$((skipped + $(grep -c '^  skip ' <<<"$said")))
    grep -qE ' passed, |^  skip ' <<<"$said" || fail "notices: tests/notice_checks.py" "$said"
    command -v dmtxread >/dev/null || { skipped=$((skipped + 1)); echo "  skip  Data Matrix codes: dmtxread is missing (Debian: dmtx-utils)"; }
fi
close
