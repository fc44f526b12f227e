resource_map['service.name'] AS service,
if(resource_map['deployment.environment.name'] != '', resource_map['deployment.environment.name'], resource_map['deployment.environment']) AS environment,
if(resource_map['vcs.ref.head.revision'] != '', resource_map['vcs.ref.head.revision'], resource_map['vcs.repository.ref.revision']) AS revision,
resource_map['vcs.repository.url.full'] AS repository
