import Credentials
import Identity
import Kernel
import Storage
import Web

/// What the page of a seal shows.
struct SealFacts: Sendable {
    let seal: Seal
    /// Suspended by its owner, and not by an authority.
    let isStopped: Bool
    let steps: [SealStep]
    let permits: [SealPermit]
    let requests: [SealRequest]
    /// Why a request that was approved cannot be signed now, by the request.
    let obstacles: [ID<SealRequest>: SealError]
    let uses: [SealUse]
    let papers: [SealPaper]
    /// Who may be permitted: those who act for the firm today.
    let agents: [ID<Person>]
    /// Who may approve today: the legal representative and those whom he permitted.
    let approvers: [String]
    let names: [String: String]
    let person: ID<Person>
    let isRepresentative: Bool
    /// The firm is of a kind that needs no second person.
    let isAlone: Bool

    init(
        _ seal: Seal,
        isAlone: Bool,
        person: ID<Person>,
        at now: Instant,
        in reader: any Reader
    ) throws {
        self.seal = seal
        self.isAlone = isAlone
        self.person = person
        isStopped = try Seals.isStoppedByOwner(seal, in: reader)
        steps = try Seals.history(of: seal.id, in: reader)
        permits = try SealPermits.all(of: seal.id, in: reader)
        requests = try SealRequests.all(of: seal.id, limit: 50, in: reader)
        var obstacles: [ID<SealRequest>: SealError] = [:]
        for request in requests where request.state == .approved {
            obstacles[request.id] = try SealRequests.obstacle(to: request, of: seal, at: now, in: reader)
        }
        self.obstacles = obstacles
        uses = try SealLedger.uses(of: seal.id, limit: 50, in: reader)
        papers = try SealPaper.allCases.filter { try Seals.paper($0, of: seal.id, in: reader) != nil }
        let representative = try Enterprises.find(seal.owner.code, in: reader)?.legalRepresentative
        isRepresentative =
            try Enterprises.acting(person, for: seal.owner.code, at: now, in: reader)?.isLegalRepresentative
            == true
        let agents = Set(
            try Enterprises.authorisations(of: seal.owner.code, in: reader).filter { $0.isInForce(at: now) }
                .map(\.agent)
        )
        self.agents = agents.sorted()
        let permitted = permits.filter { permit in
            permit.role == .approve && permit.isInForce(at: now)
                && agents.contains { $0.rawValue == permit.agent }
        }
        approvers = (representative.map { [$0.rawValue] } ?? []) + Set(permitted.map(\.agent)).sorted()
        var names: [String: String] = [:]
        let known = permits.map(\.agent) + requests.map(\.requester) + requests.compactMap(\.decidedBy)
        for id in Set(known + agents.map(\.rawValue) + approvers) {
            names[id] = try People.find(ID(id), in: reader)?.name
        }
        self.names = names
    }

    func name(_ id: String) -> String { names[id] ?? "—" }

    /// Whether a permit is of any use today: also its agent and the seal have to be in force.
    func counts(_ permit: SealPermit, at now: Instant) -> Bool {
        permit.isInForce(at: now) && (permit.role == .approve || permit.uses < permit.usesMax)
            && agents.contains { $0.rawValue == permit.agent } && !seal.state(at: now).isFinal
    }

    func mayApprove(_ request: SealRequest) -> Bool {
        request.requester != person.rawValue && approvers.contains(person.rawValue)
    }

    /// Whether the visitor may confirm himself what he asked for.
    func mayConfirm(_ request: SealRequest) -> Bool {
        isAlone && isRepresentative && request.requester == person.rawValue && request.state == .waiting
    }

    /// Who approved, and by what he stood in for a second person.
    func approver(_ id: String, _ confirmation: SealRequest.Confirmation?, _ visit: Visit) -> String {
        guard let confirmation else { return name(id) }
        return visit.text("seal.confirmed.\(confirmation.rawValue)", ["name": name(id)])
    }

    /// Whether the visitor may ask for this seal at all: the representative, or somebody with a permit that is not over.
    func mayAsk(at now: Instant) -> Bool {
        isRepresentative
            || permits.contains {
                $0.role == .use && $0.agent == person.rawValue && $0.isInForce(at: now)
                    && $0.uses < $0.usesMax
            }
    }
}
