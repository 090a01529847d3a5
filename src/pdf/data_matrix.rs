//! Data Matrix codes (ISO/IEC 16022, ECC 200).

use datamatrix::{DataMatrix, SymbolList};

use super::{PdfError, Symbol};

/// Modules of white that a reader needs around a symbol (ISO/IEC 16022, 7.3).
const QUIET_ZONE: i32 = 1;

impl Symbol {
    /// The smallest square symbol that holds the text.
    ///
    /// # Errors
    /// [`PdfError::QrTooLong`] for texts of more than some 1,500 characters.
    pub fn data_matrix(text: &str) -> Result<Symbol, PdfError> {
        let squares = SymbolList::default().enforce_square();
        let code = DataMatrix::encode(text.as_bytes(), squares).map_err(|_| PdfError::QrTooLong)?;
        let bitmap = code.bitmap();
        let side = i32::try_from(bitmap.width()).map_err(|_| PdfError::QrTooLong)?;
        let dark: std::collections::BTreeSet<_> = bitmap.pixels().collect();
        let is_dark = |x: i32, y: i32| {
            let place = usize::try_from(x).ok().zip(usize::try_from(y).ok());
            place.is_some_and(|place| dark.contains(&place))
        };
        Ok(Symbol::of(side, QUIET_ZONE, is_dark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_decodes_to_the_text() {
        let text = format!("codfase=NBPA;{:<243}", "18302032002700000251A");
        let symbol = Symbol::data_matrix(&text).unwrap();
        // 52 modules and one of white on each side at most.
        assert!(symbol.modules <= 54, "{}", symbol.modules);
        let side = usize::try_from(symbol.modules).unwrap() - 2;
        let mut pixels = vec![false; side * side];
        for [x, y, width, height] in symbol.dark {
            for row in y..y + height {
                for column in x..x + width {
                    let at = usize::try_from(row - 1).unwrap() * side
                        + usize::try_from(column - 1).unwrap();
                    assert!(!pixels[at], "painted twice");
                    pixels[at] = true;
                }
            }
        }
        let read = DataMatrix::decode(&pixels, side).unwrap();
        assert_eq!(read, text.as_bytes());
    }
}
