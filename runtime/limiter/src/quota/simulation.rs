//! Permits against a server that counts, with latencies, lost answers and foreign use, at random. Each run is a function
//! of its seed.

use std::collections::VecDeque;
use std::time::Duration;

use specwright_core::random::Random as _;
use specwright_core::security::RateWindow;
use specwright_testkit::SeededRandom;

use super::{Evidence, Lane, PermitId, Quota, Take};

const STORA: [RateWindow; 2] = [
    RateWindow { requests: 10, period: Duration::from_secs(1) },
    RateWindow { requests: 60, period: Duration::from_secs(60) },
];

/// No request of these runs lasts longer.
const LONGEST: Duration = Duration::from_secs(30);

/// How a server counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    /// Any stretch of the period.
    Sliding,
    /// Periods that start at multiples of their length.
    Fixed,
}

/// What the server saw.
struct Server {
    counting: Counting,
    /// Arrivals of ours, refused or not.
    arrivals: Vec<Duration>,
    ours: Vec<Duration>,
    all: VecDeque<Duration>,
    refused: usize,
}

impl Server {
    fn new(counting: Counting) -> Self {
        Self { counting, arrivals: Vec::new(), ours: Vec::new(), all: VecDeque::new(), refused: 0 }
    }

    /// How much each window has left.
    fn left(&self, now: Duration) -> [u32; 2] {
        STORA.map(|window| {
            let start = now.saturating_sub(window.period);
            let held = self.all.iter().filter(|moment| **moment > start).count();
            window.requests - u32::try_from(held).unwrap()
        })
    }

    /// Counts a request, or gives the window that is full and when it opens.
    fn count(&mut self, now: Duration) -> Result<(), (RateWindow, Duration)> {
        for window in STORA.iter().rev() {
            let period = window.period;
            let start = match self.counting {
                Counting::Sliding => now.saturating_sub(period),
                Counting::Fixed => {
                    Duration::from_secs(now.as_secs() / period.as_secs() * period.as_secs())
                }
            };
            let inside = |moment: &&Duration| match self.counting {
                Counting::Sliding => **moment > start || now < period,
                Counting::Fixed => **moment >= start,
            };
            let held: Vec<Duration> = self.all.iter().filter(inside).copied().collect();
            if held.len() >= window.requests as usize {
                let opens = match self.counting {
                    Counting::Sliding => held[held.len() - window.requests as usize] + period,
                    Counting::Fixed => start + period,
                };
                return Err((*window, opens));
            }
        }
        self.all.push_back(now);
        while self.all.front().is_some_and(|first| *first + Duration::from_secs(120) < now) {
            self.all.pop_front();
        }
        Ok(())
    }
}

/// A request on its way.
struct Flight {
    permit: PermitId,
    sent: Duration,
    arrives: Duration,
    answered: Duration,
    refusal: Option<(RateWindow, Duration)>,
    /// What each window had left when it was counted.
    left: Option<[u32; 2]>,
    seen: bool,
}

struct Run {
    random: SeededRandom,
    server: Server,
    quota: Quota,
    now: Duration,
    flights: Vec<Flight>,
    foreign_each: Option<Duration>,
    foreign_next: Duration,
    /// Whether every answer tells what is left.
    tells: bool,
    next: u64,
}

impl Run {
    fn new(seed: u64, counting: Counting) -> Self {
        Self {
            random: SeededRandom::new(seed),
            server: Server::new(counting),
            quota: Quota::default(),
            now: Duration::from_secs(1_000),
            flights: Vec::new(),
            foreign_each: None,
            foreign_next: Duration::ZERO,
            tells: false,
            next: 0,
        }
    }

    fn below(&mut self, most: u64) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        u64::from_le_bytes(bytes) % most.max(1)
    }

    /// Sends as much as it may until `end`, with answers after up to `latency` ms.
    fn until(&mut self, end: Duration, latency: u64) {
        while self.now < end {
            self.arrive();
            let free = loop {
                let permit = PermitId { holder: 0, number: self.next };
                match self.quota.take(permit, &STORA, Lane::Bulk, LONGEST, self.now) {
                    Take::Granted => self.depart(permit, latency),
                    Take::NotBefore(moment) => break moment,
                }
            };
            assert!(free > self.now, "{free:?} is not after {:?}", self.now);
            let answers = self.flights.iter().map(|flight| flight.answered);
            let next = answers.fold(free.min(end), Duration::min).max(self.now);
            self.now = next + Duration::from_millis(self.below(9));
        }
    }

    /// Sends up to ten at a time, and then nothing for up to three seconds, until `end`.
    fn in_bursts(&mut self, end: Duration, latency: u64) {
        while self.now < end {
            for _ in 0..=self.below(9) {
                self.arrive();
                let permit = PermitId { holder: 0, number: self.next };
                if self.quota.take(permit, &STORA, Lane::Bulk, LONGEST, self.now) == Take::Granted {
                    self.depart(permit, latency);
                }
                let gap = self.below(20);
                self.now += Duration::from_millis(gap);
            }
            let idle = self.now + Duration::from_millis(self.below(3_000));
            while self.now < idle {
                self.now += Duration::from_millis(5);
                self.arrive();
            }
        }
    }

    /// What part of each window is ours.
    fn shares(&self) -> [usize; 2] {
        [0, 1].map(|at| self.quota.allowed(at, STORA[at]))
    }

    fn depart(&mut self, permit: PermitId, latency: u64) {
        self.next += 1;
        if self.below(50) == 0 {
            self.quota.refund(permit);
            return;
        }
        let arrives = self.now + Duration::from_millis(self.below(latency));
        let answered = arrives + Duration::from_millis(self.below(latency));
        let sent = self.now;
        self.flights.push(Flight {
            permit,
            sent,
            arrives,
            answered,
            refusal: None,
            left: None,
            seen: false,
        });
    }

    /// Everything that has happened at the server and on the way back by now.
    fn arrive(&mut self) {
        let now = self.now;
        self.flights.sort_by_key(|flight| flight.arrives);
        for flight in &mut self.flights {
            if !flight.seen && flight.arrives <= now {
                while let Some(each) = self.foreign_each
                    && self.foreign_next <= flight.arrives
                {
                    let _ = self.server.count(self.foreign_next);
                    self.foreign_next += each;
                }
                flight.seen = true;
                self.server.arrivals.push(flight.arrives);
                match self.server.count(flight.arrives) {
                    Ok(()) => {
                        self.server.ours.push(flight.arrives);
                        flight.left = self.tells.then(|| self.server.left(flight.arrives));
                    }
                    Err(refusal) => {
                        flight.refusal = Some(refusal);
                        self.server.refused += 1;
                    }
                }
            }
        }
        let (done, going): (Vec<_>, Vec<_>) =
            self.flights.drain(..).partition(|flight| flight.answered <= now);
        self.flights = going;
        for flight in done {
            let took = now.saturating_sub(flight.sent);
            for (window, remaining) in STORA.iter().zip(flight.left.into_iter().flatten()) {
                let evidence = Evidence::Left { limit: window.requests, remaining };
                self.quota.learn(&STORA, evidence, took, now);
            }
            if let Some((window, opens)) = flight.refusal {
                let wait = opens.saturating_sub(now) + Duration::from_secs(1);
                let evidence = Evidence::Refused { wait, limit: Some(window.requests) };
                self.quota.learn(&STORA, evidence, took, now);
            }
            self.quota.settle(flight.permit, now);
        }
    }

    /// The most arrivals of ours in any stretch of each window.
    fn densest(&self) -> [usize; 2] {
        let mut arrivals = self.server.arrivals.clone();
        arrivals.sort_unstable();
        STORA.map(|window| {
            let mut first = 0;
            let mut most = 0;
            for (last, arrival) in arrivals.iter().enumerate() {
                while arrivals[first] + window.period <= *arrival {
                    first += 1;
                }
                most = most.max(last - first + 1);
            }
            most
        })
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn no_stretch_of_a_window_holds_more_than_it_allows_whatever_the_latency() {
    for (seed, latency) in (0..).zip([1, 20, 200, 2_000, 9_000]) {
        let mut run = Run::new(seed, Counting::Sliding);
        run.until(run.now + HOUR / 6, latency);
        let [second, minute] = run.densest();
        assert!(second <= 10 && minute <= 60, "{latency} ms: {second} a second, {minute} a minute");
    }
}

#[test]
fn without_foreign_use_nothing_is_refused_and_the_quota_is_used() {
    for counting in [Counting::Sliding, Counting::Fixed] {
        let mut run = Run::new(7, counting);
        run.until(run.now + HOUR, 100);
        assert_eq!(run.server.refused, 0);
        assert!(run.server.ours.len() >= 3_600 * 97 / 100, "{}", run.server.ours.len());
    }
}

#[test]
fn foreign_use_of_half_the_window_costs_few_refusals_after_the_third_minute() {
    for counting in [Counting::Sliding, Counting::Fixed] {
        for seed in 0..10 {
            let mut run = shared(seed, counting);
            run.until(run.now + Duration::from_secs(180), 100);
            let (sent, refused) = (run.server.ours.len(), run.server.refused);
            run.until(run.now + HOUR, 100);
            let sent = run.server.ours.len() - sent;
            let refused = run.server.refused - refused;
            assert!(refused * 100 <= 2 * (sent + refused), "seed {seed}: {refused} of {sent}");
            assert!(sent >= 1_700, "seed {seed}: {sent}");
        }
    }
}

#[test]
fn what_was_foreign_is_ours_again_a_quarter_of_an_hour_after_the_others_have_gone() {
    for seed in 0..10 {
        let mut run = shared(seed, Counting::Sliding);
        run.until(run.now + HOUR / 2, 100);
        run.foreign_each = None;
        run.until(run.now + HOUR / 4, 100);
        let before = run.server.ours.len();
        run.until(run.now + HOUR / 6, 100);
        let sent = run.server.ours.len() - before;
        assert!(sent >= 600 * 97 / 100, "seed {seed}: {sent}");
    }
}

#[test]
fn what_a_server_has_left_is_no_evidence_of_others_where_there_are_none_however_slow_it_answers() {
    for (seed, latency) in (0..).zip([20, 200, 900, 2_000, 9_000]) {
        let mut run = Run::new(seed, Counting::Sliding);
        run.tells = true;
        let end = run.now + HOUR / 4;
        while run.now < end {
            run.in_bursts(run.now + Duration::from_secs(5), latency);
            assert_eq!(run.shares(), [10, 60], "{latency} ms, at {:?}", run.now);
        }
        run.until(run.now + HOUR / 6, latency);
        assert_eq!(run.shares(), [10, 60], "{latency} ms");
    }
}

#[test]
fn others_are_found_by_what_a_server_has_left() {
    for seed in 0..5 {
        let mut run = shared(seed, Counting::Sliding);
        run.tells = true;
        run.in_bursts(run.now + Duration::from_secs(300), 100);
        assert!(run.shares()[1] < 60, "seed {seed}: {:?}", run.shares());
    }
}

/// A run in which somebody else sends every other second.
fn shared(seed: u64, counting: Counting) -> Run {
    let mut run = Run::new(seed, counting);
    run.foreign_each = Some(Duration::from_secs(2));
    run.foreign_next = run.now;
    run
}
