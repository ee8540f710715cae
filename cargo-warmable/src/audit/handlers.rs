//! A program's handlers: what is passed to `service_fn`, and to the runtime's entry points.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprCall, ExprClosure, ExprMethodCall, GenericArgument, ImplItem, Item, Local, Pat,
    PathArguments, Type,
};

use super::sources::{Crate, Module, Sources, is_test};
use super::{Accepts, Handler, Means, relative};
use super::{attribute, policies};

/// The crates whose entry points run a function.
const RUNTIMES: [&str; 3] = ["lambda_runtime", "lambda_http", "warm_runtime"];
/// Their entry points, beside `Runtime::new`.
const ENTRY_POINTS: [&str; 4] =
    ["run", "run_concurrent", "run_with_streaming_response", "run_with_streaming_response_concurrent"];
/// How far a service is followed from function to function.
const DEPTH: usize = 8;

/// The handlers of `program`.
pub(super) fn of(program: &Crate, sources: &Sources, root: &Path) -> Vec<Handler> {
    let scopes: Vec<Scope<'_>> = program
        .modules
        .iter()
        .flat_map(|module| functions(module).map(move |function| Scope::new(program, sources, module, function.body)))
        .collect();
    let mut run = HashSet::new();
    let mut handlers = Vec::new();
    for scope in &scopes {
        handlers.extend(scope.run_here(&mut run).iter().map(|found| found.handler(program, root)));
    }
    // A service that is made here and run elsewhere, by a helper of one's own.
    for scope in &scopes {
        handlers.extend(scope.made_here(&run).iter().map(|found| found.handler(program, root)));
    }
    handlers
}

/// A function or a method.
struct Function<'a> {
    name: &'a syn::Ident,
    attributes: &'a [Attribute],
    body: &'a Block,
}

fn functions(module: &Module) -> impl Iterator<Item = Function<'_>> {
    let functions = module.items.iter().flat_map(|item| match item {
        Item::Fn(item) => vec![Function { name: &item.sig.ident, attributes: &item.attrs, body: &item.block }],
        Item::Impl(item) => Vec::from_iter(item.items.iter().filter_map(|item| match item {
            ImplItem::Fn(item) => Some(Function { name: &item.sig.ident, attributes: &item.attrs, body: &item.block }),
            _ => None,
        })),
        _ => Vec::new(),
    });
    functions.filter(|function| !is_test(function.attributes))
}

/// Where a handler stands, and what makes it warmable.
struct Found {
    name: String,
    file: PathBuf,
    line: usize,
    means: Option<Means>,
    attribute: Option<attribute::Warmable>,
    /// The policy of a layer, and what that answers.
    policy: Option<String>,
    accepts: Accepts,
}

impl Found {
    fn handler(&self, program: &Crate, root: &Path) -> Handler {
        let attribute = self.attribute.as_ref();
        let accepts = self.accepts.clone();
        Handler {
            binary: program.target.clone(),
            name: self.name.clone(),
            file: relative(&self.file, root),
            line: self.line,
            warmable: attribute.map(|_| Means::Attribute).or(self.means),
            policy: attribute.map_or_else(|| self.policy.clone(), |attribute| attribute.policy.clone()),
            schedule: None,
            policy_not_read: accepts.unread.clone(),
            accepts,
        }
    }
}

/// A layer's policy, as it is written, and what it answers.
#[derive(Clone, Default)]
struct Layer {
    policy: Option<String>,
    accepts: Accepts,
}

/// A service as an expression makes it.
#[derive(Default)]
struct Service<'a> {
    /// What is passed to `service_fn`, and where.
    handlers: Vec<(Scope<'a>, &'a Expr)>,
    /// The `WarmLayer` among its layers.
    layer: Option<Layer>,
    followed: HashSet<String>,
}

/// The body of one function, and what its names mean.
#[derive(Clone)]
struct Scope<'a> {
    program: &'a Crate,
    sources: &'a Sources,
    module: &'a Module,
    body: &'a Block,
    locals: HashMap<String, &'a Expr>,
    depth: usize,
}

impl<'a> Scope<'a> {
    fn new(program: &'a Crate, sources: &'a Sources, module: &'a Module, body: &'a Block) -> Self {
        let mut locals = Locals::default();
        locals.visit_block(body);
        Self { program, sources, module, body, locals: locals.0, depth: 0 }
    }

    /// What this body passes to an entry point. Places of `service_fn` that were run go to `run`.
    fn run_here(&self, run: &mut HashSet<(PathBuf, usize, usize)>) -> Vec<Found> {
        let mut found = Vec::new();
        for call in calls(self.body) {
            let (Some(means), Some(argument)) = (self.entry_point(call), call.args.first()) else {
                continue;
            };
            let mut service = Service::default();
            self.follow(argument, &mut service);
            let layered = service.layer.is_some().then_some(Means::WarmLayer);
            let Layer { policy, accepts } = service.layer.unwrap_or_default();
            if service.handlers.is_empty() {
                found.push(Found { means: means.or(layered), policy, accepts, ..self.service(argument) });
                continue;
            }
            for (scope, handler) in service.handlers {
                run.insert(scope.place(handler));
                let mut handler = scope.handler(handler);
                handler.means = means.or(layered);
                if handler.attribute.is_none() {
                    (handler.policy, handler.accepts) = (policy.clone(), accepts.clone());
                }
                found.push(handler);
            }
        }
        found
    }

    /// What this body passes to `lambda_runtime::service_fn` and nobody was seen to run.
    fn made_here(&self, run: &HashSet<(PathBuf, usize, usize)>) -> Vec<Found> {
        calls(self.body)
            .into_iter()
            .filter(|call| self.is_service_fn(call, &RUNTIMES))
            .filter_map(|call| call.args.first())
            .filter(|handler| !run.contains(&self.place(handler)))
            .map(|handler| self.handler(handler))
            .collect()
    }

    /// What the entry point that is called does for pings; none, if it is no entry point.
    fn entry_point(&self, call: &ExprCall) -> Option<Option<Means>> {
        let path = self.path(&call.func)?;
        let (runtime, name) = (path.first()?.as_str(), path.last()?.as_str());
        let is_new = path.ends_with(&["Runtime".to_owned(), "new".to_owned()]);
        if !RUNTIMES.contains(&runtime) || !(ENTRY_POINTS.contains(&name) || is_new) {
            return None;
        }
        Some(match runtime {
            "warm_runtime" if path.iter().any(|part| part == "http") => Some(Means::HttpRun),
            "warm_runtime" => Some(Means::Run),
            _ => None,
        })
    }

    fn is_service_fn(&self, call: &ExprCall, crates: &[&str]) -> bool {
        self.path(&call.func).is_some_and(|path| {
            let known = |first: &String| crates.contains(&first.as_str());
            path.last().is_some_and(|last| last == "service_fn") && path.first().is_some_and(known)
        })
    }

    fn path(&self, expr: &Expr) -> Option<Vec<String>> {
        let Expr::Path(path) = expr else { return None };
        Some(self.module.imports.resolve(&path.path, |full| {
            let (first, last) = (full.first(), full.last());
            first.is_some_and(|first| RUNTIMES.contains(&first.as_str()))
                && last
                    .is_some_and(|last| ENTRY_POINTS.contains(&last.as_str()) || last == "service_fn" || last == "new")
        }))
    }

    /// Collects what `expr` is made of: handlers and layers, through `let` and functions.
    fn follow(&self, expr: &'a Expr, service: &mut Service<'a>) {
        Follow { scope: self, service }.visit_expr(expr);
    }

    /// The handler that `expr`, the argument of `service_fn`, stands for.
    fn handler(&self, expr: &'a Expr) -> Found {
        match expr {
            Expr::Paren(inner) => self.handler(&inner.expr),
            Expr::Group(inner) => self.handler(&inner.expr),
            Expr::Reference(inner) => self.handler(&inner.expr),
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|ident| self.locals.get(&ident.to_string()));
                match local {
                    Some(init) if !std::ptr::eq(*init, expr) => self.handler(init),
                    _ => self.named(expr, &path.path).unwrap_or_else(|| self.at(tidy(path), expr)),
                }
            }
            Expr::Closure(closure) => self.forwarded(closure).unwrap_or_else(|| self.at("closure".to_owned(), expr)),
            Expr::Call(call) => self.at(format!("{}(…)", tidy(&call.func)), expr),
            _ => self.at("handler".to_owned(), expr),
        }
    }

    /// The function that a closure hands its event to.
    fn forwarded(&self, closure: &'a ExprClosure) -> Option<Found> {
        let mut forward = Forward { event: name(closure.inputs.first()?)?, scope: self, found: None };
        forward.visit_expr(&closure.body);
        forward.found
    }

    /// The function that `path` names, in this crate or another of the workspace.
    fn named(&self, at: &Expr, path: &syn::Path) -> Option<Found> {
        let full = self.path(at).unwrap_or_default();
        let library = full.first().and_then(|first| self.sources.library(first));
        let (module, function) = self.find(library.unwrap_or(self.program), &path.segments.last()?.ident, &full)?;
        Some(self.found(library.unwrap_or(self.program), module, &function))
    }

    /// The function `name`: of the module before it in `path`, else of this one, else of any.
    fn find(&self, program: &'a Crate, name: &syn::Ident, path: &[String]) -> Option<(&'a Module, Function<'a>)> {
        let owner = path.len().checked_sub(2).map(|index| path[index].as_str());
        let mut modules: Vec<&Module> = program.modules.iter().collect();
        modules.sort_by_key(|module| (owner != Some(module.name.as_str()), !std::ptr::eq(*module, self.module)));
        modules
            .into_iter()
            .find_map(|module| functions(module).find(|function| function.name == name).map(|found| (module, found)))
    }

    /// A service that is no `service_fn`: a router, a stack, a type of one's own.
    fn service(&self, expr: &'a Expr) -> Found {
        let name = match expr {
            Expr::Path(path) => tidy(path),
            Expr::Struct(literal) => tidy(&literal.path),
            Expr::Call(call) => tidy(&call.func),
            _ => "service".to_owned(),
        };
        self.at(name, expr)
    }

    fn found(&self, program: &Crate, module: &Module, function: &Function<'_>) -> Found {
        let attribute = attribute::find(function.attributes, &module.imports);
        let accepts = attribute.as_ref().map(|attribute| match &attribute.named {
            Some(policy) => policies::of(policy, module, program, self.sources),
            None => attribute.accepts.clone(),
        });
        Found {
            name: function.name.to_string(),
            file: module.file.clone(),
            line: function.name.span().start().line,
            means: None,
            attribute,
            policy: None,
            accepts: accepts.unwrap_or_default(),
        }
    }

    fn at(&self, name: String, expr: &Expr) -> Found {
        let (file, line, _) = self.place(expr);
        Found { name, file, line, means: None, attribute: None, policy: None, accepts: Accepts::default() }
    }

    fn place(&self, expr: &Expr) -> (PathBuf, usize, usize) {
        let start = expr.span().start();
        (self.module.file.clone(), start.line, start.column)
    }
}

/// The calls of a body, in their order.
fn calls(body: &Block) -> Vec<&ExprCall> {
    struct Calls<'a>(Vec<&'a ExprCall>);

    impl<'a> Visit<'a> for Calls<'a> {
        fn visit_expr_call(&mut self, call: &'a ExprCall) {
            self.0.push(call);
            visit::visit_expr_call(self, call);
        }
    }

    let mut calls = Calls(Vec::new());
    calls.visit_block(body);
    calls.0
}

/// What `let` binds to a single name.
#[derive(Default)]
struct Locals<'a>(HashMap<String, &'a Expr>);

impl<'a> Visit<'a> for Locals<'a> {
    fn visit_local(&mut self, local: &'a Local) {
        if let (Some(name), Some(init)) = (name(&local.pat), &local.init) {
            self.0.insert(name, &init.expr);
        }
        visit::visit_local(self, local);
    }
}

fn name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(pattern) => Some(pattern.ident.to_string()),
        Pat::Type(pattern) => name(&pattern.pat),
        _ => None,
    }
}

/// Follows a service's expression.
struct Follow<'s, 'a> {
    scope: &'s Scope<'a>,
    service: &'s mut Service<'a>,
}

impl<'a> Visit<'a> for Follow<'_, 'a> {
    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        // `tower` has a `service_fn` of its own, which does as well.
        if self.scope.is_service_fn(call, &["lambda_runtime", "lambda_http", "warm_runtime", "tower"]) {
            if let Some(handler) = call.args.first() {
                self.service.handlers.push((self.scope.clone(), handler));
            }
            return;
        }
        visit::visit_expr_call(self, call);
        if let Expr::Path(path) = &*call.func {
            self.follow_function(&call.func, &path.path);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let full =
            self.scope.module.imports.resolve(path, |full| full.first().is_some_and(|first| first == "warm_runtime"));
        if full.iter().any(|part| part == "WarmLayer") {
            self.service.layer = Some(self.layer(path));
        }
        let local = path.get_ident().map(ToString::to_string);
        if let Some(init) = local.as_ref().and_then(|name| self.scope.locals.get(name))
            && self.service.followed.insert(local.unwrap_or_default())
        {
            self.visit_expr(init);
        }
        visit::visit_path(self, path);
    }
}

impl<'a> Follow<'_, 'a> {
    /// The layer that `path` names: `WarmLayer`, or `WarmLayer::<acme::Pings>`.
    fn layer(&self, path: &syn::Path) -> Layer {
        let Scope { program, sources, module, .. } = *self.scope;
        let arguments = path.segments.iter().find_map(|segment| match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => Some(arguments),
            _ => None,
        });
        let Some(arguments) = arguments else { return Layer::default() };
        let accepts = match arguments.args.first() {
            Some(GenericArgument::Type(Type::Path(policy))) => policies::of(&policy.path, module, program, sources),
            _ => Accepts::default(),
        };
        Layer { policy: Some(tidy(&arguments.args)), accepts }
    }

    /// A function of the workspace that returns the service, or a part of it.
    fn follow_function(&mut self, at: &Expr, path: &syn::Path) {
        let scope = self.scope;
        let full = scope.path(at).unwrap_or_default();
        let Some(last) = path.segments.last() else { return };
        let library = full.first().and_then(|first| scope.sources.library(first));
        let is_local = path.get_ident().is_some() || full.first().is_some_and(|first| first == "crate");
        let Some(program) = library.or(is_local.then_some(scope.program)) else { return };
        let Some((module, function)) = scope.find(program, &last.ident, &full) else { return };
        let key = format!("fn {}", full.join("::"));
        if scope.depth >= DEPTH || !self.service.followed.insert(key) {
            return;
        }
        let mut inner = Scope::new(program, scope.sources, module, function.body);
        inner.depth = scope.depth + 1;
        Follow { scope: &inner, service: self.service }.visit_block(function.body);
    }
}

/// Looks in a closure for the call that its event goes to.
struct Forward<'s, 'a> {
    event: String,
    scope: &'s Scope<'a>,
    found: Option<Found>,
}

impl Forward<'_, '_> {
    fn takes_event<'e>(&self, mut arguments: impl Iterator<Item = &'e Expr>) -> bool {
        arguments.any(|argument| matches!(argument, Expr::Path(path) if path.path.is_ident(&self.event)))
    }
}

impl<'a> Visit<'a> for Forward<'_, 'a> {
    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        if let Expr::Path(path) = &*call.func
            && self.takes_event(call.args.iter())
        {
            self.found = self.found.take().or_else(|| self.scope.named(&call.func, &path.path));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        if self.takes_event(call.args.iter()) {
            let method = self.scope.find(self.scope.program, &call.method, &[]);
            let found = method.map(|(module, method)| self.scope.found(self.scope.program, module, &method));
            self.found = self.found.take().or(found);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// A piece of source as it is written by hand.
pub(super) fn tidy(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let pairs = [(" :: ", "::"), (":: ", "::"), (" ::", "::"), (" < ", "<"), ("< ", "<"), (" >", ">"), (" ,", ",")];
    pairs.iter().fold(text, |text, (from, to)| text.replace(from, to))
}
