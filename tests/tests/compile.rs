//! What compiles with `#[warmable]`, and what the compiler says where it does not: one idea a file, named after it.

#[test]
fn every_kind_of_handler_compiles_without_a_warning() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

#[test]
fn every_mistake_is_one_error_that_says_what_to_write() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
