//! How the sections are drawn: positions as the model gives them, texts that shrink until they fit.

use crate::pdf::{DisplayList, Face, Ink, Length, Page, Role, text_width, wrap};

pub(super) const GREY: Ink = Ink(0x7c, 0x7c, 0x7b);
pub(super) const BAR: Ink = Ink(0xec, 0xec, 0xec);
pub(super) const LEFT: i32 = 107;
pub(super) const RIGHT: i32 = 1987;
pub(super) const SECOND_COLUMN: i32 = 1126;
/// The height of a section's bar.
pub(super) const BAR_HEIGHT: Length = Length::tenth_mm(65);

/// A position in tenths of a millimetre; `y` is the top of the text, as in the model.
pub(super) fn at(x: i32, y: i32) -> (Length, Length) {
    (Length::tenth_mm(x), Length::tenth_mm(y))
}

pub(super) fn points(size: i32) -> Length {
    Length::pt(size)
}

/// From the top of a text to its baseline.
pub(super) fn below((x, y): (Length, Length), size: i32) -> (Length, Length) {
    (x, y + points(size) * 7 / 10)
}

pub(super) fn put(
    page: &mut Page,
    x: i32,
    y: i32,
    (face, size): (Face, i32),
    text: &str,
) -> Length {
    page.text(
        below(at(x, y), size),
        (face, points(size)),
        Ink::BLACK,
        text,
    )
}

pub(super) fn put_right(
    page: &mut Page,
    right: i32,
    y: i32,
    (face, size): (Face, i32),
    text: &str,
) {
    page.text_right(
        below(at(right, y), size),
        (face, points(size)),
        Ink::BLACK,
        text,
    );
}

/// A text on one line of so many tenths of a millimetre: the size goes down, not below 5 points, until
/// it fits.
pub(super) fn put_fitting(
    page: &mut Page,
    (x, y): (i32, i32),
    width: i32,
    (face, size): (Face, i32),
    text: &str,
) {
    let fits = |size: &i32| text_width(face, points(*size), text) <= Length::tenth_mm(width);
    let fitting = (5..=size).rev().find(fits).unwrap_or(5);
    // The baseline stays where the full size has it.
    let (left, baseline) = below(at(x, y), size);
    page.text((left, baseline), (face, points(fitting)), Ink::BLACK, text);
}

/// A text in a box of so many lines: the size goes down, not below 5 points, until it fits.
pub(super) fn put_wrapped(
    page: &mut Page,
    (x, y): (i32, i32),
    width: i32,
    (face, size): (Face, i32),
    lines: usize,
    text: &str,
) {
    let broken = |size| wrap(face, points(size), text, Length::tenth_mm(width));
    let size = (5..=size)
        .rev()
        .find(|size| broken(*size).len() <= lines)
        .unwrap_or(5);
    let (left, mut baseline) = below(at(x, y), size);
    for line in broken(size) {
        page.text((left, baseline), (face, points(size)), Ink::BLACK, &line);
        baseline += points(size) * 12 / 10;
    }
}

pub(super) fn paragraph(list: &mut DisplayList, draw: impl FnOnce(&mut Page)) {
    list.leaf(Role::P, draw);
}

/// A label, and under it the value.
pub(super) fn labelled(
    list: &mut DisplayList,
    (x, label_y, value_y): (i32, i32, i32),
    label: &str,
    value: impl FnOnce(&mut Page, (i32, i32)),
) {
    paragraph(list, |page| {
        put(page, x, label_y, (Face::Regular, 8), label);
        value(page, (x, value_y));
    });
}

/// A section's title in its bar, and what stands beside it.
pub(super) fn bar(
    list: &mut DisplayList,
    x: i32,
    y: i32,
    title: &str,
    beside: impl FnOnce(&mut Page, Length),
) {
    list.leaf(Role::H2, |page| {
        let end = put(page, x, y, (Face::Bold, 10), title);
        beside(page, end + Length::mm(4));
    });
}
