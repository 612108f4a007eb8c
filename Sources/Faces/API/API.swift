public import Web

/// The face for programs: the same acts as the pages, as JSON, under `/api/v1`.
public enum API {
    /// Every call; the OpenAPI document is made from these lines.
    public static func face(_ desk: APIDesk) -> Face {
        Face(
            routes: ItemCalls.routes(desk) + NameCalls.routes(desk) + CaseCalls.routes(desk)
                + RegisterCalls.routes(desk)
                + RecordCalls.routes(desk) + LicenceCalls.routes(desk) + SharingCalls.routes(desk)
                + TimestampCalls.routes(desk) + LogCalls.routes(desk) + DrawCalls.routes(desk)
                + MeasureCalls.routes(desk) + ReadCalls.routes(desk) + ChangeCalls.routes(desk)
        )
    }
}
