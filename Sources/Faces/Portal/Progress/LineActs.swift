import Cases
import Catalogue
import CompanyNames
import Exchange
import Kernel
import Storage
import Web

/// What a founder can do with a line of the bundle: put it off, do without it, take it up again, send it anew.
enum LineActs {
    static func possible(_ line: PartyLine) -> [LineEvent] {
        let wishes: [LineEvent] = [.reopened, .resubmitted, .setAside, .declined]
        return wishes.filter { event in
            guard line.allows(event) else { return false }
            // What was put off is taken up again; sending anew is for what came back.
            return !(event == .resubmitted && line.state.step(.reopened) == .to(.pending))
        }
    }

    static func change(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.line")
        let id = ID<PartyLine>(try visit.segment("line"))
        guard let wish = visit.form.trimmed("act").flatMap(LineEvent.init(rawValue:)) else {
            throw WebRefusal.badField(name: "act")
        }
        if wish == .reopened, let asked = try await ServiceActs.path(asking: id, of: subject, desk: desk) {
            return .redirect(to: asked)
        }
        let exchange = desk.exchange
        let occasion = visit.occasion
        try await desk.database.write { tx in
            guard let line = try ExchangeStore.line(id, in: tx), line.order.caseID == subject.id.rawValue
            else {
                throw WebRefusal.notFound
            }
            guard possible(line).contains(wish) else {
                throw ExchangeError.notAllowed(event: wish, state: line.state)
            }
            switch wish {
            case .setAside: _ = try exchange.setAside(id, occasion: occasion, in: tx)
            case .declined: _ = try exchange.decline(id, occasion: occasion, in: tx)
            case .reopened: _ = try exchange.reopen(id, occasion: occasion, in: tx)
            case .resubmitted:
                _ = try exchange.resubmit(
                    id,
                    fields: try chosen(visit, line: line, subject: subject, in: tx),
                    note: nil,
                    occasion: occasion,
                    in: tx
                )
            case .sent, .received, .working, .done, .returned, .personNeeded, .timedOut:
                throw WebRefusal.badField(name: "act")
            }
        }
        return .redirect(to: "/cases/\(subject.number)/result#lines")
    }

    /// The order's fields, with another engraver or branch where one was chosen from the list.
    private static func chosen(
        _ visit: Visit,
        line: PartyLine,
        subject: Case,
        in reader: any Reader
    ) throws -> JSON {
        var fields = line.order.fields
        let choices = try LineChoices.read(subject, on: visit.now.date, in: reader)
        guard let (name, rows) = choices.field(of: line), let code = visit.form.trimmed(name) else {
            return fields
        }
        guard rows.contains(where: { $0["code"] == code }) else { throw WebRefusal.badField(name: name) }
        fields[name] = .string(code)
        return fields
    }
}
