"""Which setting is best on a project's own documents and questions; nothing here touches a file or a database."""
