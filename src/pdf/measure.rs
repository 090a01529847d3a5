//! Lengths and colours.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A length in thousandths of a point. Integers, so that layout is exact and reproducible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(pub i32);

impl Length {
    /// Nothing.
    pub const ZERO: Length = Length(0);
    /// The width of an A4 page.
    pub const A4_WIDTH: Length = Length::mm(210);
    /// The height of an A4 page.
    pub const A4_HEIGHT: Length = Length::mm(297);

    /// So many points.
    pub const fn pt(points: i32) -> Length {
        Length(points * 1000)
    }

    /// So many tenths of a point.
    pub const fn tenth_pt(tenths: i32) -> Length {
        Length(tenths * 100)
    }

    /// So many millimetres (72 points are 25.4 mm).
    pub const fn mm(millimetres: i32) -> Length {
        Length::tenth_mm(millimetres * 10)
    }

    /// So many tenths of a millimetre.
    pub const fn tenth_mm(tenths: i32) -> Length {
        Length(tenths * 36_000 / 127)
    }
}

impl Add for Length {
    type Output = Length;
    fn add(self, other: Length) -> Length {
        Length(self.0 + other.0)
    }
}
impl AddAssign for Length {
    fn add_assign(&mut self, other: Length) {
        self.0 += other.0;
    }
}
impl Sub for Length {
    type Output = Length;
    fn sub(self, other: Length) -> Length {
        Length(self.0 - other.0)
    }
}
impl SubAssign for Length {
    fn sub_assign(&mut self, other: Length) {
        self.0 -= other.0;
    }
}
impl Neg for Length {
    type Output = Length;
    fn neg(self) -> Length {
        Length(-self.0)
    }
}
impl Mul<i32> for Length {
    type Output = Length;
    fn mul(self, times: i32) -> Length {
        Length(self.0 * times)
    }
}
impl Div<i32> for Length {
    type Output = Length;
    fn div(self, parts: i32) -> Length {
        Length(self.0 / parts)
    }
}

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    /// Text.
    pub const BLACK: Ink = Ink(0, 0, 0);
    /// Secondary text; 7:1 on white.
    pub const GREY: Ink = Ink(0x55, 0x5c, 0x66);
    /// Rules between rows.
    pub const LINE: Ink = Ink(0xc9, 0xce, 0xd6);
    /// The ground of table heads and of the figure that matters.
    pub const TINT: Ink = Ink(0xee, 0xf1, 0xf5);
    /// Headings.
    pub const BLUE: Ink = Ink(0x00, 0x3d, 0x80);
    /// What must not be overlooked.
    pub const RED: Ink = Ink(0xb0, 0x00, 0x20);
}
