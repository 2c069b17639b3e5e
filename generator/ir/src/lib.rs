//! The meaning of an API without references and without words of a target language.
