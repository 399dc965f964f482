/// What an attempt met at the provider (CHANNELS 2.10). The class decides what is done next, never the provider's words.
struct ProviderError: Error, Sendable, Hashable {
    enum Class: String, Sendable, Hashable, CaseIterable {
        /// Throughput, maintenance, no answer: again after a pause.
        case transient
        case windowClosed = "window_closed"
        case undeliverable
        /// Not before a day has passed, and not by ourselves.
        case heldBack = "held_back"
        case optedOut = "opted_out"
        case accountPaused = "account_paused"
        case accountAuth = "account_auth"
        case accountSetup = "account_setup"
        case rejected
        case template
        case templatePaused = "template_paused"
    }

    var errorClass: Class
    /// The provider's own code; empty where it gave none.
    var code = ""
}

extension ProviderError.Class {
    /// The class of a code of the Graph API. Codes nobody knows are permanent: a request that is not understood is not
    /// repeated.
    init(graphCode code: Int) {
        self =
            switch code {
            case 130_429, 131_056, 131_016, 131_057, 133_004, 4, 80_007, 80_008, 2, 131_000, 132_069, 613, 80_006: .transient
            case 131_047: .windowClosed
            case 131_026, 551: .undeliverable
            case 131_049, 130_472: .heldBack
            case 131_050: .optedOut
            case 131_048, 131_031, 368, 130_497, 131_042: .accountPaused
            case 190, 0, 3, 10, 200...299, 131_005: .accountAuth
            case 131_045, 133_010: .accountSetup
            case 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_018, 132_068: .template
            case 132_015, 132_016: .templatePaused
            default: .rejected
            }
    }

    /// The class of an answer without a code that we know.
    init(httpStatus status: Int) {
        self =
            switch status {
            case 401, 403: .accountAuth
            case 408, 425, 429, 500...599: .transient
            default: .rejected
            }
    }

    /// Tried again by ourselves.
    var isTransient: Bool { self == .transient }

    /// The account's trouble and not the message's: what follows over it would meet the same.
    var stopsAccount: Bool {
        switch self {
        case .accountPaused, .accountAuth, .accountSetup: true
        case .transient, .windowClosed, .undeliverable, .heldBack, .optedOut, .rejected, .template, .templatePaused: false
        }
    }

    /// Why a message was given up, as its author reads it.
    var reason: String {
        switch self {
        case .transient: "PROVIDER_UNAVAILABLE"
        case .windowClosed: "REPLY_WINDOW_CLOSED"
        case .undeliverable: "UNDELIVERABLE"
        case .heldBack: "PROVIDER_HELD_BACK"
        case .optedOut: "OPTED_OUT"
        case .accountPaused: "CHANNEL_PAUSED"
        case .accountAuth: "CHANNEL_AUTH_EXPIRED"
        case .accountSetup: "CHANNEL_NOT_SET_UP"
        case .rejected: "PROVIDER_REJECTED"
        case .template: "TEMPLATE_PARAM_MISMATCH"
        case .templatePaused: "TEMPLATE_NOT_APPROVED"
        }
    }
}
