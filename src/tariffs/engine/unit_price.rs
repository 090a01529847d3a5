//! The price of one unit of a component, before modifiers: down the tables and bands of its base.

use super::{Unpriced, Way, no_row};
use crate::tariffs::bands::{Base, InBand};
use crate::tariffs::explanation::Why;
use crate::tariffs::facts::Value;
use crate::tariffs::price::Price;
use crate::tariffs::rule::{Component, NonResident};

impl Way<'_> {
    /// The price and why; `shift` is how many ISEE bands away from that of the ISEE.
    pub(super) fn unit_price(
        &self,
        component: &Component,
        shift: i32,
    ) -> Result<(Price, Vec<Why>), Unpriced> {
        let mut why = Vec::new();
        let resident = self.view.value("resident") != Some(Value::Flag(false));
        let price = match &component.non_resident {
            Some(NonResident::Price(price)) if !resident => {
                why.push(Why::NonResident);
                price.clone()
            }
            Some(NonResident::AsWithoutIsee) if !resident => {
                why.push(Why::NonResident);
                self.base(component, &component.base, false, 0, &mut why)?
            }
            _ => self.base(component, &component.base, true, shift, &mut why)?,
        };
        Ok((price, why))
    }

    fn base(
        &self,
        component: &Component,
        base: &Base,
        with_isee: bool,
        shift: i32,
        why: &mut Vec<Why>,
    ) -> Result<Price, Unpriced> {
        match base {
            Base::Fixed(price) => Ok(price.clone()),
            Base::By(table) => {
                let value = self.view.value(&table.fact);
                let value = value.ok_or_else(|| Unpriced::Missing {
                    component: component.code.clone(),
                    fact: table.fact.clone(),
                })?;
                let row = table.rows.iter().find(|(key, _)| key.has(&value));
                let row = row.map(|(_, base)| base).or(table.other.as_deref());
                let row = row.ok_or_else(|| no_row(component, &table.fact, &value))?;
                why.push(Why::Row {
                    fact: self.view.name(&table.fact),
                    value,
                });
                self.base(component, row, with_isee, shift, why)
            }
            Base::Isee(bands) => {
                let isee = if with_isee { self.view.isee() } else { None };
                let Some(isee) = isee else {
                    // A non-resident who pays as without an ISEE has said so already.
                    if !why.contains(&Why::NonResident) {
                        why.push(Why::NoIsee);
                    }
                    return self.base(component, &bands.no_isee, false, shift, why);
                };
                let place = bands.place(isee.value);
                let (band, mut inside) = bands.band(place);
                why.push(Why::Band(band));
                let away = i64::from(shift) + i64::try_from(place).unwrap_or(i64::MAX);
                let away = usize::try_from(away.max(0)).unwrap_or(usize::MAX);
                let (other, there) = bands.band(away);
                let shifted = other != band;
                if shifted {
                    why.push(Why::Shifted {
                        by: shift,
                        band: other,
                    });
                    inside = there;
                }
                match inside {
                    InBand::Flat(base) => self.base(component, base, true, shift, why),
                    // In a band that is not that of the ISEE, the end of the line counts.
                    InBand::Line(line) if shifted => Ok(line.last.clone()),
                    InBand::Line(line) => {
                        why.push(Why::Line(line.clone()));
                        Ok(line.at(isee.value))
                    }
                }
            }
        }
    }
}
