import Kernel
import Storage

/// Who stopped a seal and has not let it be used again: its owner, an authority, or both. Each lifts his own stop, and the
/// seal is in force again when none is left.
struct SealStops: Sendable {
    enum Side: Sendable { case owner, authority }

    let by: Set<Side>

    init(of seal: Seal, in reader: any Reader) throws {
        by = Self.sides(of: try SealStore.steps(of: seal.id, in: reader))
    }

    private static func sides(of steps: [SealStep]) -> Set<Side> {
        steps.reduce(into: []) { sides, step in
            let side: Side = step.actor.kind == .person ? .owner : .authority
            switch step.event {
            case .suspend: sides.insert(side)
            case .resume: sides.remove(side)
            default: break
            }
            // In force no stop is left, whoever lifted it.
            if step.state != .suspended { sides = [] }
        }
    }

    /// - Throws: `notAllowed`, or whose stop it is.
    func state(after event: SealEvent, of seal: Seal, by side: Side, at now: Instant) throws(SealError)
        -> SealState
    {
        let state = seal.state(at: now)
        guard state == .suspended else { return try state.after(event) }
        if event == .suspend, !by.contains(side) { return .suspended }
        if event == .resume {
            guard by.contains(side) else {
                throw side == .owner ? .stoppedByAuthority : .stoppedByOwner
            }
            guard by == [side] else { return .suspended }
        }
        return try state.after(event)
    }
}
