#!/bin/sh
# Cuts the fonts to the characters that Italian pages and documents use, and
# writes them where the program embeds them:
#   assets/static/fonts/*.woff2   for the browser (kerning kept; the figures are tabular as drawn)
#   assets/fonts/*.ttf            for the PDF engine (bare outlines: no hints, no layout)
#
# Needs: npm ci (in this folder), and fonttools with brotli from PyPI:
#   python3 -m pip install fonttools brotli
set -eu
cd "$(dirname "$0")"
src=node_modules/@expo-google-fonts
web=../static/fonts
pdf=../fonts
mkdir -p "$web" "$pdf"

# Latin-1, Latin Extended-A, the comma-below letters of Romanian, the usual
# punctuation, the euro, the minus sign.
chars='U+0020-007E,U+00A0-017F,U+0218-021B,U+02C6,U+02DA,U+02DC,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2039,U+203A,U+20AC,U+2122,U+2212'

for_browser() {
    python3 -m fontTools.subset "$1" --unicodes="$chars" --flavor=woff2 --no-hinting \
        --layout-features='kern' --output-file="$web/$2.woff2"
}

# The names are kept (copyright, licence, PostScript name): a PDF/A file carries them.
for_pdf() {
    python3 -m fontTools.subset "$1" --unicodes="$chars" --no-hinting --layout-features= \
        --drop-tables+=GSUB,GPOS,GDEF,STAT,gasp,prep,fpgm,cvt,DSIG,FFTM \
        --name-IDs='*' --notdef-outline --output-file="$pdf/$2.ttf"
}

titillium=$src/titillium-web
mono=$src/roboto-mono
for_browser $titillium/400Regular/TitilliumWeb_400Regular.ttf   titillium-web-400
for_browser $titillium/600SemiBold/TitilliumWeb_600SemiBold.ttf titillium-web-600
for_browser $titillium/700Bold/TitilliumWeb_700Bold.ttf         titillium-web-700
for_browser $mono/400Regular/RobotoMono_400Regular.ttf          roboto-mono-400
for_browser $mono/700Bold/RobotoMono_700Bold.ttf                roboto-mono-700

for_pdf $titillium/400Regular/TitilliumWeb_400Regular.ttf   TitilliumWeb-Regular
for_pdf $titillium/600SemiBold/TitilliumWeb_600SemiBold.ttf TitilliumWeb-SemiBold
for_pdf $titillium/700Bold/TitilliumWeb_700Bold.ttf         TitilliumWeb-Bold
for_pdf $titillium/900Black/TitilliumWeb_900Black.ttf       TitilliumWeb-Black
for_pdf $mono/400Regular/RobotoMono_400Regular.ttf          RobotoMono-Regular
for_pdf $mono/700Bold/RobotoMono_700Bold.ttf                RobotoMono-Bold

for folder in "$web" "$pdf"; do
    cp $titillium/LICENSE_FONT "$folder/TitilliumWeb-OFL.txt"
    cp $mono/LICENSE_FONT "$folder/RobotoMono-OFL.txt"
done
