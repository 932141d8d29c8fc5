//! What a protected route costs beside an open one, as an application grows.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use axum_jwt_extended::store::MemoryStore;
use axum_jwt_extended::{AccessToken, Config, JwtManager, Policy};

use crate::{Result, ask};

const ROUNDS: usize = 61;
const CALLS: u32 = 1_000;

/// Prints lines of `LINE,X,NANOSECONDS`: what a call takes with so many routes or revoked tokens.
pub async fn print() -> Result {
    let mut points = Vec::new();
    for routes in [1, 10, 100, 1_000] {
        points.push(Point::new("routes open", routes, with_routes(routes)?, "open"));
        points.push(Point::new("routes protected", routes, with_routes(routes)?, "protected"));
    }
    race(points).await?;
    let mut points = Vec::new();
    for revoked in [1_000, 10_000, 100_000, 1_000_000] {
        let app = with_revoked(revoked, 1).await?;
        points.push(Point::new("revoked one subject", revoked, app, "protected"));
        let app = with_revoked(revoked, revoked).await?;
        points.push(Point::new("revoked", revoked, app, "protected"));
    }
    race(points).await
}

struct Point {
    line: &'static str,
    x: usize,
    app: App,
    path: &'static str,
    taken: Vec<u128>,
}

impl Point {
    fn new(line: &'static str, x: usize, app: App, path: &'static str) -> Self {
        Self { line, x, app, path, taken: Vec::with_capacity(ROUNDS) }
    }
}

struct App {
    router: Router,
    token: String,
}

fn with_routes(routes: usize) -> Result<App> {
    let jwt = JwtManager::new(config()?);
    let token = jwt.create_access_token("anna").encode()?.into();
    let mut router = Router::new();
    for n in 1..routes {
        router = router.route(&format!("/other/{n}"), get(protected));
    }
    let router = router.route("/open", get(open)).route("/protected", get(protected));
    Ok(App { router: router.with_state(jwt), token })
}

/// A store that holds so many revoked tokens, of so many subjects.
async fn with_revoked(revoked: usize, subjects: usize) -> Result<App> {
    let jwt = JwtManager::builder(config()?).store(MemoryStore::new()).try_build()?;
    for n in 0..revoked {
        let token = jwt.create_access_token(format!("user-{}", n % subjects)).encode()?;
        let token = jwt.authenticate_token(token.as_str(), Policy::required()).await?;
        jwt.revoke(&token).await?;
    }
    let token = jwt.create_access_token("user-0").encode()?.into();
    let router = Router::new().route("/protected", get(protected));
    Ok(App { router: router.with_state(jwt), token })
}

async fn open() -> String {
    "anna".to_owned()
}

async fn protected(token: AccessToken) -> String {
    token.identity().to_owned()
}

fn config() -> Result<Config> {
    let config = Config::builder().secret_key("a-secret-of-at-least-32-random-bytes");
    Ok(config.access_token_expires(Duration::from_secs(24 * 3600)).build()?)
}

/// Lets the points take turns, so that what else happens on the machine meets all alike, and prints the
/// median of each one's rounds.
async fn race(mut points: Vec<Point>) -> Result {
    for _ in 0..ROUNDS {
        for point in &mut points {
            let begin = Instant::now();
            for _ in 0..CALLS {
                ask(&point.app.router, point.path, &point.app.token).await?;
            }
            point.taken.push(begin.elapsed().as_nanos() / u128::from(CALLS));
        }
    }
    for Point { line, x, mut taken, .. } in points {
        taken.sort_unstable();
        println!("{line},{x},{}", taken[ROUNDS / 2]);
    }
    Ok(())
}
