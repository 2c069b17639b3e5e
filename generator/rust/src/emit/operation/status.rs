//! Statuses as arms of a `match`, which takes the first that fits.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use specwright_ir::Status;

/// True if two statuses may share an arm: those that are alike. An exact status beside a class or
/// the rest would be read too late, behind the class that is read otherwise.
pub(super) fn share_an_arm(one: Status, two: Status) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&two)
}

/// Where an arm stands: exact statuses before classes before the rest.
pub(super) fn rank(status: Status) -> u32 {
    match status {
        Status::Exact(status) => u32::from(status),
        Status::Class(class) => 1_000 + u32::from(class),
        Status::Default => 2_000,
    }
}

/// The pattern of an arm, given all exact statuses that have an arm.
///
/// Neighbors are one range, and a range ends where an exact status stands at its end: clippy asks for
/// both.
pub(super) fn pattern(statuses: &[Status], exact: &[u16]) -> TokenStream {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for status in statuses {
        let (mut first, mut last) = match status {
            Status::Exact(status) => (*status, *status),
            Status::Class(class) => (u16::from(*class) * 100, u16::from(*class) * 100 + 99),
            Status::Default => return quote!(_),
        };
        if first < last {
            while first < last && exact.contains(&first) {
                first += 1;
            }
            while first < last && exact.contains(&last) {
                last -= 1;
            }
        }
        match ranges.last_mut() {
            Some((_, before)) if *before + 1 == first => *before = last,
            _ => ranges.push((first, last)),
        }
    }
    let ranges = ranges.into_iter().map(|(first, last)| {
        let (from, to) = (Literal::u16_unsuffixed(first), Literal::u16_unsuffixed(last));
        match last - first {
            0 => quote!(#from),
            1 => quote!(#from | #to),
            _ => quote!(#from..=#to),
        }
    });
    quote!(#(#ranges)|*)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Class, Exact};

    #[track_caller]
    fn check(statuses: &[Status], exact: &[u16], expected: &str) {
        assert_eq!(pattern(statuses, exact).to_string(), expected);
    }

    #[test]
    fn neighbors_are_a_range() {
        check(&[Exact(401), Exact(402), Exact(403), Exact(409)], &[], "401 ..= 403 | 409");
        check(&[Exact(200), Exact(201)], &[], "200 | 201");
        check(&[Class(4), Class(5)], &[], "400 ..= 599");
    }

    #[test]
    fn a_class_leaves_out_what_stands_at_its_ends() {
        check(&[Class(4)], &[400, 401, 404, 499], "402 ..= 498");
    }

    #[test]
    fn an_exact_status_never_shares_an_arm_with_a_class_or_the_rest() {
        assert!(share_an_arm(Exact(404), Exact(409)));
        assert!(!share_an_arm(Exact(404), Class(4)));
        assert!(!share_an_arm(Exact(404), Status::Default));
    }
}
