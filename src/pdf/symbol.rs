//! Codes for machines as few rectangles: vector, so that they print sharp at any size.

use std::collections::BTreeMap;

/// A square symbol, as rectangles of dark modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Modules per side, quiet zone included.
    pub modules: i32,
    /// Dark rectangles: left, top, width, height in modules, quiet zone included.
    pub dark: Vec<[i32; 4]>,
}

impl Symbol {
    /// The symbol of so many modules a side, with so many white ones around it; `is_dark` is asked for
    /// column and row.
    ///
    /// Dark modules are merged into horizontal runs, and equal runs of successive rows into one
    /// rectangle: a few hundred points instead of thousands, and no hairlines between modules.
    pub(super) fn of(size: i32, quiet: i32, is_dark: impl Fn(i32, i32) -> bool) -> Symbol {
        let mut done = Vec::new();
        let mut growing: BTreeMap<(i32, i32), [i32; 4]> = BTreeMap::new();
        for row in 0..size {
            let mut next = BTreeMap::new();
            for (start, length) in dark_runs(size, |column| is_dark(column, row)) {
                let mut rectangle = growing.remove(&(start, length)).unwrap_or([
                    start + quiet,
                    row + quiet,
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
        Symbol {
            modules: size + 2 * quiet,
            dark: done,
        }
    }
}

fn dark_runs(size: i32, is_dark: impl Fn(i32) -> bool) -> Vec<(i32, i32)> {
    let mut runs = Vec::new();
    let mut start = None;
    for column in 0..=size {
        match (column < size && is_dark(column), start) {
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
