import Audit
import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Cryptography
import Credentials
import Foundation
public import Kernel
import Registers
import Storage

/// The journey of a founder from name to bundle, step by step, as a terminal shows it.
public struct DemoJourney: Sendable {
    let town: DemoTown
    let say: @Sendable (String) -> Void

    public init(town: DemoTown, say: @escaping @Sendable (String) -> Void) {
        self.town = town
        self.say = say
    }

    public struct Stopped: Error, CustomStringConvertible {
        public let description: String
    }

    /// How far the clock moves on, at most: whoever wants to look at the result now starts so much earlier.
    public static let duration = Instant.day

    private func occasion(_ actor: Actor) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor,
            request: "demo",
            entropy: town.platform.settings.entropy
        )
    }

    /// Opens the company, or registers the sole trader, of `data` and writes licence, seals and papers into `folder`.
    public func openCompany(_ data: JSON, into folder: String) async throws {
        let platform = town.platform
        let founder = Actor(.person, id: "demo-founder", role: "person")
        var data = data
        let form = CompanyForm(data)
        if form.hasName { try await reserve(&data, by: founder) }
        let started = try await platform.desk.start(
            system: "company-opening",
            item: form.kind == .llc ? "llc" : "sole-trader",
            region: data["district"].text ?? "150203",
            channel: .online,
            data: data,
            occasion: occasion(founder)
        )
        say("② 一表填报  办件编号 \(started.number)  查询码 \(started.lookupCode)")
        let definition = try await platform.desk.definition(of: started)
        let problems = platform.desk.problems(
            in: data,
            region: started.region,
            definition: definition,
            today: town.clock.now.date
        )
        guard problems.isEmpty else { throw Stopped(description: "the form has problems: \(problems)") }
        let links = try await platform.desk.askSignatures(started.id, occasion: occasion(founder))
        for link in links {
            let anyone = occasion(.anonymous)
            let check = try await platform.desk.verifyFace(
                link.secret,
                sample: "score:950",
                occasion: anyone
            )
            let view = try await platform.desk.sign(link.secret, proof: check.proof, occasion: anyone)
            say(
                "③ 签署  \(PersonMask.name(check.signer.name))  实名核验 \(check.signer.faceScore ?? 0) 分，签署 \(view.papers.count) 份"
            )
        }
        let decided = try await platform.desk.submit(started.id, occasion: occasion(founder))
        let decisions = try await platform.database.read { try DecisionStore.of(started.id, in: $0) }
        let findings = decisions.last?.findings ?? []
        say("④ 智能审批  \(Set(findings.map(\.rule)).count) 条规则，结果 \(decided.state.rawValue)")
        guard decided.state == .granted, let code = decided.result else {
            let reasons = findings.obstacles.map { "\($0.rule) \($0.reason) \($0.inputs.canonical)" }
            throw Stopped(description: reasons.joined(separator: "\n"))
        }
        say("⑤ 登记  \(decided.title)  统一社会信用代码 \(code)")
        // The police file seals from six in the morning; by night it takes some hours more.
        let end = town.clock.now + Self.duration
        while try await platform.desk.read(started.id).completedAt == nil, town.clock.now < end {
            try await town.move(to: town.clock.now + Instant.hour)
        }
        try await show(started.id, code: code, folder: folder)
    }

    private func reserve(_ data: inout JSON, by founder: Actor) async throws {
        let outcome = try await town.reserveName(of: &data, by: founder)
        guard case .reserved(let reservation) = outcome else {
            throw Stopped(description: "the name is taken")
        }
        say("① 名称自主申报  \(reservation.parts.text)  保留至 \(reservation.lastDay?.description ?? "-")")
    }

    private func show(_ id: ID<Case>, code: String, folder: String) async throws {
        let platform = town.platform
        let (subject, steps, held) = try await platform.database.read { reader in
            (
                try CaseStore.find(id, in: reader), try StepStore.of(id, in: reader),
                try Credentials.held(by: code, in: reader)
            )
        }
        for step in steps where step.kind == .outside {
            say("⑥ \(step.name)  \(step.state.rawValue) \(step.outcome ?? "")")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for credential in held {
            let path = "\(folder)/\(credential.record.type).suban"
            try Data(credential.file).write(to: URL(fileURLWithPath: path))
            say("⑦ \(credential.record.name)  \(credential.record.identifier)  → \(path)")
        }
        try Data(platform.keys.root.pem.utf8).write(to: URL(fileURLWithPath: "\(folder)/root.pem"))
        let entries = try await platform.database.read { try AuditLog.history(of: subject.object, in: $0) }
        if let granted = entries.last(where: { $0.act == "case.granted" }) {
            let receipt = try await platform.keeper.receipt(for: granted.id)
            try Data(receipt.file).write(to: URL(fileURLWithPath: "\(folder)/receipt.json"))
            say("⑦ 回执 → \(folder)/receipt.json  （suban verify \(folder)/receipt.json）")
        }
        say("⑧ \(subject.completedAt == nil ? "仍有事项办理中" : "一次办结")")
    }
}
