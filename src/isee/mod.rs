//! ISEE statements of children: value, validity, source.
