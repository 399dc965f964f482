import ContactsV1

/// The RPCs of contacts; each family has a file of its own.
///
/// A handler parses, decides, stores, answers.
struct ContactsService: ContactsServiceProtocol, Handlers {
    let surroundings: Surroundings
}
