//! Macros that hold a `service_fn`: an audit that passed over them in silence would call a workspace
//! warm whose handlers it has not seen.

use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{ItemMacro, Macro};

use super::sources::{Crate, Module};
use super::{Unseen, relative};

/// The macros of `program` that are called or defined with a `service_fn` in them.
pub(super) fn of(program: &Crate, root: &Path) -> Vec<Unseen> {
    let mut unseen = Vec::new();
    for module in &program.modules {
        let mut macros = Macros { module, root, unseen: &mut unseen };
        module.items.iter().for_each(|item| macros.visit_item(item));
    }
    unseen
}

struct Macros<'a> {
    module: &'a Module,
    root: &'a Path,
    unseen: &'a mut Vec<Unseen>,
}

impl Macros<'_> {
    fn add(&mut self, name: String, found: &Macro) {
        let tokens = found.tokens.to_string();
        if tokens.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).any(|word| word == "service_fn") {
            let line = found.span().start().line;
            self.unseen.push(Unseen { file: relative(&self.module.file, self.root), line, name });
        }
    }
}

impl<'a> Visit<'a> for Macros<'_> {
    fn visit_item_macro(&mut self, item: &'a ItemMacro) {
        let name = item.ident.as_ref().or(item.mac.path.segments.last().map(|segment| &segment.ident));
        self.add(name.map(ToString::to_string).unwrap_or_default(), &item.mac);
    }

    fn visit_macro(&mut self, found: &'a Macro) {
        let name = found.path.segments.last().map(|segment| segment.ident.to_string());
        self.add(name.unwrap_or_default(), found);
        visit::visit_macro(self, found);
    }
}
