//! The pages of `docs/diagnostics`, one for each code.

/// The page of a code such as `OA0205`; upper and lower case are the same.
pub fn page(code: &str) -> Option<&'static str> {
    let (_, page) = PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))?;
    Some(page)
}

/// Codes and pages, sorted by code.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use specwright_source::codes;

    #[test]
    fn every_code_has_a_page_with_its_title() {
        let missing = codes::ALL.iter().filter(|code| {
            let heading = format!("# {}: {}\n", code.id, code.title);
            !page(code.id).is_some_and(|page| page.starts_with(&heading))
        });
        let missing: Vec<&str> = missing.map(|code| code.id).collect();
        assert_eq!(
            missing,
            [] as [&str; 0],
            "without docs/diagnostics/CODE.md, or not headed `# CODE: title`"
        );
    }

    #[test]
    fn every_page_belongs_to_a_code() {
        let unknown = PAGES.iter().filter(|(id, _)| codes::ALL.iter().all(|code| code.id != *id));
        assert_eq!(unknown.map(|(id, _)| *id).collect::<Vec<_>>(), [] as [&str; 0]);
    }

    #[test]
    fn a_code_may_be_written_in_lower_case() {
        assert_eq!(page("oa0902"), page("OA0902"));
        assert!(page("OA0902").is_some());
        assert_eq!(page("OA9999"), None);
    }
}
