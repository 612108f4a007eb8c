import Cases
import Catalogue
import CompanyOpening
import Correspondence
import Exchange
import Identity
import Kernel
import Registers
import Storage
import Web

/// What belongs to a case: its register entry and the lines of the parties.
enum CaseLinks {
    static func of(
        _ found: Case,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> [DeskLink] {
        var links: [DeskLink] = []
        // What is granted beside the registers has its number, too, and no entry.
        if let code = found.result, try RegisterStore.find(code, in: reader) != nil,
            (try? desk.permissions.scope("register.read", of: seat.principal)) != nil
        {
            links.append(
                DeskLink(
                    text: visit.text("workbench.link.entry"),
                    href: "/desk/corrections/\(code)",
                    note: code
                )
            )
        }
        guard let reach = try? LinePages.reach(seat, desk) else { return links }
        for line in try ExchangeStore.lines(of: found.id.rawValue, in: reader)
        where try LineBoardStore.find(line.id, reach, in: reader) != nil {
            links.append(
                DeskLink(
                    text: LinePages.partyName(line.order.party, visit, desk),
                    href: "/desk/lines/\(line.id)",
                    note: visit.text("line-state.\(line.state.rawValue)")
                )
            )
        }
        return links
    }
}

/// What the reader of a page has just done, told from the case itself and never from the address alone.
enum DoneNotice {
    /// `?done=` names the case; nothing is said of one out of reach or not last touched by the reader.
    static func ofQuery(_ visit: Visit, _ desk: WorkbenchDesk, in reader: any Reader) throws -> NoticeView? {
        guard let id = visit.query.trimmed("done"), let seat = try? desk.seat(visit),
            let found = try known(ID(id), in: reader), desk.may("case.read", found, seat)
        else { return nil }
        let own = try HappeningStore.timeline(of: found.id, publicOnly: false, in: reader).last {
            $0.actor == visit.occasion.actor
        }
        guard let own else { return nil }
        let paper = try CorrespondenceStore.papers(of: found.id.rawValue, in: reader).last {
            $0.filedAt == own.at && !FollowingPapers.kinds.contains($0.kind)
        }
        let decision = try desk.desk.definitions.of(found.origin, in: reader).item.decision
        let words = [
            found.title,
            decision.said(own.act, visit.language.rawValue) ?? visit.text("timeline.\(own.act)"),
            found.state == .granted ? found.result : nil,
            paper?.number,
        ]
        return NoticeView(
            .good,
            title: visit.text("workbench.done"),
            words.compactMap { $0 }.joined(separator: " · "),
            link: (found.number, "/desk/cases/\(found.id)")
        )
    }

    private static func known(_ id: ID<Case>, in reader: any Reader) throws -> Case? {
        do { return try CaseStore.find(id, in: reader) } catch CaseError.notFound { return nil }
    }
}

/// The order in which a clerk works: the inbox, longest waiting first, without what colleagues have taken.
enum NextCase {
    /// The next that waits behind this one.
    static func href(
        after found: Case,
        step: CaseStep?,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> String? {
        let after = step.map { ($0.openedAt, found.id.rawValue) }
        let next = try find(after: after, except: found.id, seat, visit, desk, in: reader)
        return next.map { "/desk/cases/\($0)" }
    }

    static func first(
        except: ID<Case>,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> ID<Case>? { try find(after: nil, except: except, seat, visit, desk, in: reader) }

    private static func find(
        after: (Instant, String)?,
        except: ID<Case>,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        in reader: any Reader
    ) throws -> ID<Case>? {
        let scope = try desk.inbox(of: seat)
        let me = visit.occasion.actor.id
        return try InboxStore.list(scope, after: after, limit: 100, in: reader).first {
            $0.caseID != except && ($0.assignee == nil || $0.assignee == me)
        }?.caseID
    }
}
