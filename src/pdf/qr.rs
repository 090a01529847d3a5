//! QR codes.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

use super::{PdfError, Symbol};

/// Modules of white that a reader needs around a symbol (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: i32 = 4;

impl Symbol {
    /// The smallest symbol that holds the text, level M.
    ///
    /// # Errors
    /// [`PdfError::QrTooLong`] for texts of more than 2,331 bytes.
    pub fn smallest_qr(text: &str) -> Result<Symbol, PdfError> {
        Symbol::qr(&QrSegment::make_segments(text), Version::MIN, Version::MAX)
    }

    /// The symbol of a pagoPA notice: version 4, level M (Avvisi 3.5, attachment 2).
    ///
    /// # Errors
    /// [`PdfError::QrTooLong`] for texts of more than 62 bytes.
    pub fn pagopa_qr(text: &str) -> Result<Symbol, PdfError> {
        let version = Version::new(4);
        Symbol::qr(&[QrSegment::make_bytes(text.as_bytes())], version, version)
    }

    /// The mask is fixed: choosing the "best" of eight costs more than the rest of the page, and
    /// every reader takes any.
    fn qr(segments: &[QrSegment], min: Version, max: Version) -> Result<Symbol, PdfError> {
        let mask = Some(Mask::new(2));
        QrCode::encode_segments_advanced(segments, QrCodeEcc::Medium, min, max, mask, false)
            .map(|code| Symbol::of(code.size(), QUIET_ZONE, |x, y| code.get_module(x, y)))
            .map_err(|_| PdfError::QrTooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_has_version_4_whatever_the_amount() {
        for amount in ["11", "4250", "99999999999"] {
            let text = format!("PAGOPA|002|302032002700000251|03334231200|{amount}");
            let symbol = Symbol::pagopa_qr(&text).unwrap();
            assert_eq!(symbol.modules, 33 + 8);
        }
        assert_eq!(Symbol::pagopa_qr(&"1".repeat(63)), Err(PdfError::QrTooLong));
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
        for [x, y, width, height] in Symbol::pagopa_qr(text).unwrap().dark {
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
