//! QR codes as few rectangles: vector, so that they print sharp at any size.

use std::collections::BTreeMap;

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

use super::PdfError;

/// Modules of white that a reader needs around a symbol (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: i32 = 4;

/// A QR symbol, as rectangles of dark modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrSymbol {
    /// Modules per side, quiet zone included.
    pub modules: i32,
    /// Dark rectangles: left, top, width, height in modules, quiet zone included.
    pub dark: Vec<[i32; 4]>,
}

impl QrSymbol {
    /// The smallest symbol that holds the text, level M.
    ///
    /// # Errors
    /// [`PdfError::QrTooLong`] for texts of more than 2,331 bytes.
    pub fn smallest(text: &str) -> Result<QrSymbol, PdfError> {
        QrSymbol::encode(&QrSegment::make_segments(text), Version::MIN, Version::MAX)
    }

    /// The symbol of a pagoPA notice: version 4, level M (Avvisi 3.5, attachment 2).
    ///
    /// # Errors
    /// [`PdfError::QrTooLong`] for texts of more than 62 bytes.
    pub fn pagopa(text: &str) -> Result<QrSymbol, PdfError> {
        let version = Version::new(4);
        QrSymbol::encode(&[QrSegment::make_bytes(text.as_bytes())], version, version)
    }

    /// The mask is fixed: choosing the "best" of eight costs more than the rest of the page, and
    /// every reader takes any.
    fn encode(segments: &[QrSegment], min: Version, max: Version) -> Result<QrSymbol, PdfError> {
        let mask = Some(Mask::new(2));
        QrCode::encode_segments_advanced(segments, QrCodeEcc::Medium, min, max, mask, false)
            .map(|code| QrSymbol {
                modules: code.size() + 2 * QUIET_ZONE,
                dark: rectangles(&code),
            })
            .map_err(|_| PdfError::QrTooLong)
    }
}

/// Merges dark modules into horizontal runs, and equal runs of successive rows into one
/// rectangle: a few hundred points instead of thousands, and no hairlines between modules.
fn rectangles(code: &QrCode) -> Vec<[i32; 4]> {
    let mut done = Vec::new();
    let mut growing: BTreeMap<(i32, i32), [i32; 4]> = BTreeMap::new();
    for row in 0..code.size() {
        let mut next = BTreeMap::new();
        for (start, length) in dark_runs(code, row) {
            let mut rectangle = growing.remove(&(start, length)).unwrap_or([
                start + QUIET_ZONE,
                row + QUIET_ZONE,
                length,
                0,
            ]);
            rectangle[3] += 1;
            next.insert((start, length), rectangle);
        }
        done.extend(growing.into_values());
        growing = next;
    }
    done.extend(growing.into_values());
    done
}

fn dark_runs(code: &QrCode, row: i32) -> Vec<(i32, i32)> {
    let mut runs = Vec::new();
    let mut start = None;
    for column in 0..=code.size() {
        match (code.get_module(column, row), start) {
            (true, None) => start = Some(column),
            (false, Some(first)) => {
                runs.push((first, column - first));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_has_version_4_whatever_the_amount() {
        for amount in ["11", "4250", "99999999999"] {
            let text = format!("PAGOPA|002|302032002700000251|03334231200|{amount}");
            let symbol = QrSymbol::pagopa(&text).unwrap();
            assert_eq!(symbol.modules, 33 + 8);
        }
        assert_eq!(QrSymbol::pagopa(&"1".repeat(63)), Err(PdfError::QrTooLong));
    }

    #[test]
    fn the_rectangles_are_the_dark_modules_each_once() {
        let text = "PAGOPA|002|302032002700000251|03334231200|4250";
        let code = QrCode::encode_segments_advanced(
            &[QrSegment::make_bytes(text.as_bytes())],
            QrCodeEcc::Medium,
            Version::new(4),
            Version::new(4),
            Some(Mask::new(2)),
            false,
        )
        .unwrap();
        let mut painted = vec![0; 41 * 41];
        for [x, y, width, height] in QrSymbol::pagopa(text).unwrap().dark {
            for row in y..y + height {
                for column in x..x + width {
                    painted[usize::try_from(row * 41 + column).unwrap()] += 1;
                }
            }
        }
        for row in 0..41 {
            for column in 0..41 {
                let dark = i32::from(code.get_module(column - 4, row - 4));
                assert_eq!(painted[usize::try_from(row * 41 + column).unwrap()], dark);
            }
        }
    }
}
