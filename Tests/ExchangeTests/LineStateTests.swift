import Exchange
import Testing

@Suite("the state of a line")
struct LineStateTests {
    static let reports: [LineEvent] = [.received, .working, .done, .returned, .personNeeded]

    @Test("a party's report is never refused", arguments: LineState.allCases)
    func reportsAreClean(state: LineState) {
        for event in Self.reports + [.sent, .timedOut] { #expect(state.step(event) != .refused) }
    }

    @Test("done stays done whatever happens", arguments: LineEvent.allCases)
    func doneStays(event: LineEvent) {
        if case .to(let state) = LineState.done.step(event) { Issue.record("done became \(state)") }
    }

    @Test(
        "a report that is there already is a duplicate",
        arguments: [
            (LineState.received, LineEvent.received), (.working, .working), (.done, .done),
            (.returned, .returned),
            (.personNeeded, .personNeeded),
        ]
    )
    func duplicates(state: LineState, event: LineEvent) { #expect(state.step(event) == .stays(.duplicate)) }

    @Test(
        "an earlier stage after a later one changes nothing",
        arguments: [
            (LineState.working, LineEvent.received), (.done, .received), (.done, .working),
            (.returned, .working),
            (.personNeeded, .received), (.received, .sent),
        ]
    )
    func outOfOrder(state: LineState, event: LineEvent) { #expect(state.step(event) == .stays(.outOfOrder)) }

    @Test(
        "what is done is done, also when it was late, set aside or returned before",
        arguments: [
            LineState.pending, .sent, .received, .working, .overdue, .returned, .personNeeded, .later,
        ]
    )
    func doneCounts(state: LineState) { #expect(state.step(.done) == .to(.done)) }

    @Test("only the founder's own acts can be refused", arguments: LineState.allCases)
    func founder(state: LineState) {
        for event in LineEvent.allCases where state.step(event) == .refused {
            #expect([.setAside, .declined, .reopened, .resubmitted].contains(event))
        }
    }

    @Test("time-out only makes lines overdue that wait for the party", arguments: LineState.allCases)
    func timeOut(state: LineState) {
        let expected: LineStep =
            switch state {
            case .pending, .sent, .received, .working: .to(.overdue)
            case .overdue: .stays(.duplicate)
            case .done, .returned, .personNeeded, .notNeeded, .later: .stays(.late)
            }
        #expect(state.step(.timedOut) == expected)
    }

    @Test(
        "what a line waits for and what it has ended with exclude each other",
        arguments: LineState.allCases
    )
    func endOrWait(state: LineState) { #expect(!(state.isEnd && state.isWaiting)) }
}
