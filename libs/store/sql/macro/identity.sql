resource_str['service.name'] AS service,
if(resource_str['deployment.environment.name'] != '', resource_str['deployment.environment.name'], resource_str['deployment.environment']) AS environment,
if(resource_str['vcs.ref.head.revision'] != '', resource_str['vcs.ref.head.revision'], resource_str['vcs.repository.ref.revision']) AS revision,
resource_str['vcs.repository.url.full'] AS repository
