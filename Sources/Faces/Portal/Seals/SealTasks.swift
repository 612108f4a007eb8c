import Credentials
import Identity
import Kernel
import Storage
import Web

/// Uses of seals that wait for the visitor's approval, as 我的办件 names them.
enum SealTasks {
    static func list(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws
        -> [TaskListView.Task]
    {
        let person = try SealActs.person(visit)
        let owners = try Enterprises.actable(by: person, on: visit.now.date, in: reader).map(\.code).filter {
            try desk.may(SealActs.uses, for: $0, visit, in: reader)
        }
        return try SealRequests.waiting(for: person, of: owners, at: visit.now, in: reader).map { one in
            TaskListView.Task(
                one.request.subject.name,
                hint: visit.text(
                    "seal.task",
                    [
                        "owner": one.seal.owner.name, "seal": try SealPages.name(one.seal, visit, desk),
                        "who": try People.find(ID(one.request.requester), in: reader)?.name ?? "—",
                    ]
                ),
                href: "\(SealPages.path(one.seal))#request-\(one.request.id)",
                badge: BadgeView(visit.text("seal-request.\(one.request.state.rawValue)"), .info)
            )
        }
    }
}
