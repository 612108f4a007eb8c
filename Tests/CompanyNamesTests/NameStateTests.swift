import CompanyNames
import Testing

@Suite("States of an entry")
struct NameStateTests {
    private static let events: [NameEvent] = [
        .hold(caseID: "c"), .unhold, .release, .expire, .consume, .rename, .cancel, .revoke, .lapse,
        .regain,
    ]
    private static let allowed: [NameState: [String: NameState]] = [
        .reserved: ["hold": .held, "release": .released, "expire": .expired, "consume": .registered],
        .held: ["unhold": .reserved, "release": .released, "consume": .registered],
        .registered: ["rename": .renamed, "cancel": .cancelled, "revoke": .revoked],
        .renamed: ["lapse": .lapsed, "regain": .registered], .cancelled: ["lapse": .lapsed],
        .revoked: ["lapse": .lapsed, "regain": .registered], .lapsed: ["regain": .registered],
    ]

    @Test("each state allows what the table says and refuses the rest", arguments: NameState.allCases)
    func transitions(state: NameState) throws {
        for event in Self.events {
            if let next = Self.allowed[state]?[event.name] {
                #expect(try state.after(event) == next)
            } else {
                #expect(throws: NameError.notAllowed(event: event.name, state: state)) {
                    try state.after(event)
                }
            }
        }
    }

    @Test("what blocks is what has a way on, besides a withdrawal undone after its block ended")
    func blocking() {
        for state in NameState.allCases where state != .lapsed {
            #expect(state.blocks == (Self.allowed[state] != nil))
        }
        #expect(!NameState.lapsed.blocks)
    }
}
