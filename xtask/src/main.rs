//! The developer's one entry point: `cargo xtask COMMAND`.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use xtask::probe::must_be_free;
use xtask::site::Site;
use xtask::step::Steps;
use xtask::workspace::{Workspace, cargo};
use xtask::{BENCH_PARTS, dist, suite, tools};

/// A subcommand: its name, its arguments and what it does, for the usage text, and what runs it.
type Command = (&'static str, &'static str, &'static str, fn(&[String]) -> Result<ExitCode>);

/// All subcommands, in the order of the usage text.
const COMMANDS: &[Command] = &[
    ("serve", "[--port 8080]", "set up what is missing, build, and serve the page on 127.0.0.1", serve),
    ("dist", "", "write the static site to dist/, and weigh it", dist),
    ("test", "", "set up what is missing, and run every check and test", test),
    (
        "bench",
        "[PART]",
        "measure the page beside its peers, and write benches/RESULTS.md; or print one part",
        bench,
    ),
    (
        "differ",
        "[tars|documents] [CASES] [SEED]",
        "hold the readers of tars and documents against Go's, over a million damaged ones each; takes minutes",
        differ,
    ),
    ("screenshots", "", "take pictures of the page, the README's among them", screenshots),
    ("record", "", "make the bundled recordings anew, from a real registry", record),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = args.split_first().map_or(("", &[][..]), |(name, rest)| (name, rest));
    if matches!(name, "help" | "--help" | "-h") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some((.., run)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
        match name {
            "" => eprint!("cargo xtask needs a command\n\n{}", usage()),
            name => eprint!("cargo xtask has no command {name:?}\n\n{}", usage()),
        }
        return ExitCode::from(2);
    };
    match run(rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let lines = COMMANDS
        .iter()
        .map(|(name, args, what, _)| format!("  cargo xtask {:22}{what}\n", format!("{name} {args}")));
    format!("usage, from anywhere in the repository:\n{}", lines.collect::<String>())
}

fn serve(args: &[String]) -> Result<ExitCode> {
    let port = match args {
        [] => "8080",
        [flag, port] if flag == "--port" => port,
        [one] if one.starts_with("--port=") => one.trim_start_matches("--port="),
        _ => bail!("serve takes only --port NUMBER, not {:?}", args.join(" ")),
    };
    let port: u16 = port
        .parse()
        .with_context(|| format!("--port {port:?} is not a port; give a number from 0 to 65535"))?;
    // Told before the build, and not after it.
    must_be_free(port)?;
    let dist = build()?;
    let site = Site::start(&dist.dir, port)?;
    println!("{}/", site.origin());
    site.wait();
    Ok(ExitCode::SUCCESS)
}

fn dist(args: &[String]) -> Result<ExitCode> {
    no_arguments("dist", args)?;
    let dist = build()?;
    print!("{}", dist.table());
    dist.check_weight()?;
    Ok(ExitCode::SUCCESS)
}

fn bench(args: &[String]) -> Result<ExitCode> {
    if args.len() > 1 || args.iter().any(|part| !BENCH_PARTS.contains(&part.as_str())) {
        bail!("bench takes one part of {}, or nothing, not {:?}", BENCH_PARTS.join(", "), args.join(" "));
    }
    build()?;
    Steps::new(1).run("peers", || tools::ensure(tools::PEERS))?;
    with_browsers("bench", args)
}

fn screenshots(args: &[String]) -> Result<ExitCode> {
    no_arguments("screenshots", args)?;
    build()?;
    with_browsers("screenshots", &[])
}

fn record(args: &[String]) -> Result<ExitCode> {
    no_arguments("record", args)?;
    with_browsers("record", &[])
}

/// Runs a program of the end-to-end package, which has what needs registries and browsers.
fn with_browsers(program: &str, args: &[String]) -> Result<ExitCode> {
    Steps::new(1).run("tools", || tools::ensure(tools::TEST))?;
    run_program("e2e", program, args)
}

fn differ(args: &[String]) -> Result<ExitCode> {
    Steps::new(1).run("tools", || tools::ensure(tools::ORACLE))?;
    run_program("differ", "differ", args)
}

/// Runs a program of one of the test packages, optimised.
fn run_program(package: &str, program: &str, args: &[String]) -> Result<ExitCode> {
    let status = cargo()
        .args(["run", "--quiet", "--release", "--package", package, "--bin", program, "--"])
        .args(args)
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn test(args: &[String]) -> Result<ExitCode> {
    no_arguments("test", args)?;
    // What failed is told already, and the last line is the sum.
    Ok(if suite::run()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build() -> Result<dist::Dist> {
    let workspace = Workspace::read()?;
    let mut steps = Steps::new(2);
    steps.run("tools", || tools::ensure(tools::BUILD))?;
    steps.run("site", || dist::write(&workspace))
}

fn no_arguments(command: &str, args: &[String]) -> Result<()> {
    if args.is_empty() { Ok(()) } else { bail!("{command} takes no arguments, not {:?}", args.join(" ")) }
}
