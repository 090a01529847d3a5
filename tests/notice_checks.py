#!/usr/bin/env python3
"""Reads payment notices back with the tools of others: tests/notice_checks.py FILE…

pdfplumber gives texts and positions, zxing-cpp the codes with their version and their level. The check
digits of each notice number are worked out here once more, because no decoder does. Prints lines as
tests/pdf_checks.sh does; ends with 3 when a package is missing.
"""

import os
import re
import subprocess
import sys

try:
    import pdfplumber
    import zxingcpp
except ImportError as missing:
    print(f"  skip  notices: the Python package {missing.name} is not installed")
    sys.exit(3)

MM = 72 / 25.4
FIXED = [
    "Avviso di pagamento", "Ente Creditore", "Destinatario", "Quanto e quando pagare?", "Dove pagare?",
    "vai su pagopa.gov.it", "Paga con l’app IO", "Paga sul territorio", "Codice Avviso", "Codice Fiscale Ente",
    "Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.",
    "In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica o altri"
    " fattori) o riduzioni (per sgravi o note di credito).",
    "presso Banche e Sportelli ATM, negli Uffici Postali e Punti Postali, nei Bar, Edicole, Ricevitorie,"
    " Supermercati, Tabaccherie e altri Esercenti Convenzionati.",
]
# Left end and top in mm of what stands in every notice (model, attachment 1); text may differ by its ascent.
PLACES = {"Ente": (10.7, 46.0), "Destinatario": (112.6, 46.0), "Quanto": (10.7, 94.5), "Dove": (112.6, 94.5)}

# pagoPA's own parser of QR codes, where the folder with its npm package is named.
COMMONS = os.environ.get("PAGOPA_COMMONS", "")
DECODE = """
const { PaymentNoticeQrCodeFromString: qr } = require('@pagopa/io-pagopa-commons/lib/pagopa');
process.exit(qr.decode(process.argv[1])._tag === 'Right' ? 0 : 1);
"""

passed = failed = 0


def check(name, good, said=""):
    global passed, failed
    if good:
        passed += 1
        print(f"  ok    {name}")
    else:
        failed += 1
        print(f"  FAIL  {name}")
        for line in str(said).splitlines()[:12]:
            print(f"        {line}")


def verifies(number):
    """SACI: the first sixteen digits modulo 93 are the last two."""
    return int(number[:16]) % 93 == int(number[16:])


def near(a, b, by):
    return abs(a - b) <= by


def dark_box(image, found):
    """The box in mm of a code on the page, from its corners in pixels at 300 dpi."""
    corners = [found.position.top_left, found.position.top_right, found.position.bottom_left]
    xs, ys = [c.x for c in corners], [c.y for c in corners]
    scale = 25.4 / 300
    return (max(xs) - min(xs)) * scale, (max(ys) - min(ys)) * scale


def look(path):
    name = path.rsplit("/", 1)[-1].removesuffix(".pdf")
    with pdfplumber.open(path) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
        flat = " ".join(text.split())
        # Columns stand side by side: each sentence is looked for in the words of its own column.
        halves = []
        for page in pdf.pages:
            for left, right in [(0, page.width / 2), (page.width / 2, page.width), (0, 62 * MM)]:
                part = page.crop((left, 0, right, page.height))
                halves.append(" ".join((part.extract_text() or "").split()))
        thirds = []
        for page in pdf.pages:
            for left in [0, 75.5, 145]:
                part = page.crop((left * MM, 0, min(page.width, (left + 68) * MM), page.height))
                thirds.append(" ".join((part.extract_text() or "").split()))
        everywhere = [flat, *halves, *thirds]
        for sentence in FIXED:
            there = any(sentence in where for where in everywhere)
            if not there:
                check(f"{name}: fixed text", False, sentence)
        check(f"{name}: fixed texts looked for", True)
        first = pdf.pages[0]
        words = first.extract_words()
        for word, (x, y) in PLACES.items():
            at = [(w["x0"] / MM, w["top"] / MM) for w in words if w["text"] == word]
            good = any(near(px, x, 0.5) and near(py, y, 1.2) for px, py in at)
            check(f"{name}: “{word}” stands at {x} × {y} mm", good, at)
        numbers = []
        for page in pdf.pages:
            for row in re.findall(r"\d{4} \d{4} \d{4} \d{4} \d{2}\b", page.extract_text() or ""):
                numbers.append(row.replace(" ", ""))
        check(f"{name}: numbers in groups of four, check digits", numbers and all(map(verifies, numbers)), numbers)
        # The figures of each page lie within the margins.
        for page in pdf.pages:
            out = [c["text"] for c in page.chars if c["x1"] > 200.5 * MM or c["x0"] < 9.5 * MM]
            check(f"{name}: page {page.page_number} keeps 10 mm of margin", not out, "".join(out))
        qrs, squares = [], []
        for page in pdf.pages:
            image = page.to_image(resolution=300).original
            for found in zxingcpp.read_barcodes(image):
                kind = str(found.format).rsplit(".", 1)[-1].replace(" ", "")
                (qrs if "QR" in kind.upper() else squares).append((found, image))
        wanted = len(set(numbers))
        check(f"{name}: {wanted} QR codes", len(qrs) == wanted, len(qrs))
        for found, image in qrs:
            parts = found.text.split("|")
            good = parts[:2] == ["PAGOPA", "002"] and len(parts) == 5 and parts[2] in numbers
            check(f"{name}: QR of {parts[2] if len(parts) > 2 else '?'}", good, found.text)
            if COMMONS:
                said = subprocess.run(["node", "-e", DECODE, found.text], cwd=COMMONS, capture_output=True, text=True)
                check(f"{name}: pagoPA's parser takes it", said.returncode == 0, said.stderr)
            extra = getattr(found, "extra", None)
            version = str(extra)
            check(f"{name}: version 4, level M", "4" in version and "M" in version, version)
            width, height = dark_box(image, found)
            # 33 of 41 modules are dark or light code, the rest is the white around them.
            side = 25 * 33 / 41
            check(f"{name}: 25 mm with its quiet zone", near(width, side, 0.6) and near(height, side, 0.6),
                  (width, height))
        for found, _ in squares:
            record = found.text
            good = len(record) == 256 and record.startswith("codfase=NBPA;18") and record[15:33] in numbers
            check(f"{name}: Data Matrix of {record[15:33]}", good, repr(record))
        slips = sum("Bollettino Postale PA" in line for line in text.splitlines())
        check(f"{name}: {slips} slips, as many Data Matrix codes", len(squares) == slips, len(squares))


if not COMMONS:
    print("  skip  notices: pagoPA's own parser is not there (npm i @pagopa/io-pagopa-commons; PAGOPA_COMMONS)")
for path in sys.argv[1:]:
    look(path)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
