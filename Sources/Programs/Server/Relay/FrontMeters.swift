import Foundation
import Kernel

/// What the front counts of its own work: how many, how much and how long, nothing of anybody.
final class FrontMeters: Sendable {
    private let requests = MetricFamily(
        .histogram,
        "suban_front_request_seconds",
        "Answered requests by status; one that was sent inside and not answered at once is a 303.",
        labels: ["status"]
    )
    /// From the request to the answer from inside, whoever waited for it.
    private let answers = MetricFamily(
        .histogram,
        "suban_front_answer_seconds",
        "Until the answer to a request came from inside.",
        bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
    )
    private let full = MetricFamily(
        .counter,
        "suban_front_full_total",
        "Requests refused because no place was free: of all, of the address's share, or at the gate.",
        labels: ["of"]
    )
    private let lost = MetricFamily(
        .counter,
        "suban_front_lost_total",
        "Requests that were given up without an answer."
    )
    private let notTaken = MetricFamily(
        .counter,
        "suban_front_not_taken_total",
        "Messages from inside that were not taken, by code.",
        labels: ["code"]
    )
    let started = Date().timeIntervalSince1970

    init() {
        for share in FrontDesk.Full.allCases { _ = full.of([share.rawValue]) }
        _ = lost.of()
    }

    func answered(status: Int, in duration: Duration) {
        requests.of([String(status)]).observe(duration.inSeconds)
    }

    func arrived(after milliseconds: Int64) { answers.of().observe(Double(milliseconds) / 1_000) }

    func refused(_ share: FrontDesk.Full) { full.of([share.rawValue]).add() }

    func gaveUp() { lost.of().add() }

    func notTaken(_ refusal: RelayRefusal) { notTaken.of([refusal.rawValue]).add() }

    var families: [MetricFamily] { [requests, answers, full, lost, notTaken] }
}
